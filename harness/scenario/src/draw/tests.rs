//! Tests of drawing: what is chosen, what is refused, and that a plan survives being stored.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wire_faults::{ActionName, Fault, FaultSpec, PointName, legality};

use super::*;
use crate::{Expected, discover, load, parse};

fn scenario(text: &str) -> Scenario {
    let text = format!("format = 1\ntitle = \"t\"\n{text}\n[expect]\nterminal = \"completed\"\n");
    parse(&text, Path::new("x.toml"), "x").expect("is a good scenario")
}

fn turns(texts: &[&str], waited_for: bool) -> String {
    let wait = if waited_for {
        "[[steps]]\nwait_for = { terminal = \"any\" }\n"
    } else {
        ""
    };
    texts
        .iter()
        .map(|text| format!("[[steps]]\nsay = \"{text}\"\n{wait}"))
        .collect()
}

const REPLY: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";
const REFUSED: &str =
    "[[provider]]\nreply = { text = \"a\" }\nfault = { at = \"connect\", action = \"close\" }\n";

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn stored_and_read(plan: &Plan) -> Plan {
    let text = plan.to_toml().expect("can be stored");
    Plan::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_probe_comes_last_and_its_entry_first() {
    let scenario = scenario(&format!("{REPLY}{}", turns(&["a", "b"], true)));
    let plan = Plan::draw(&scenario, &Draw::new(7)).expect("can be drawn");
    let texts: Vec<_> = plan.runs.iter().map(|run| run.text.as_str()).collect();
    assert_eq!(
        texts,
        ["a [run-1]", "b [run-2]", "Are you still there? [run-3]"]
    );
    assert!(plan.runs[2].probe);
    assert_eq!(plan.runs[2].session, "probe");
    assert_eq!(plan.script.entries[0].when.run, Some(3));

    let draw = Draw {
        probe: false,
        ..Draw::new(7)
    };
    let plan = Plan::draw(&scenario, &draw).expect("can be drawn");
    assert_eq!((plan.runs.len(), plan.script.entries.len()), (2, 1));
}

#[test]
fn the_seed_decides_and_nothing_else_does() {
    let scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
    let drawn = |seed| Plan::draw(&scenario, &Draw::new(seed)).expect("can be drawn");
    assert_eq!(drawn(1), drawn(1));
    let sizes: Vec<_> = (0..200).map(|seed| drawn(seed).delta_bytes).collect();
    assert!(
        DELTA_BYTES.into_iter().all(|size| sizes.contains(&size)),
        "{sizes:?}"
    );
    assert!(sizes.iter().all(|size| DELTA_BYTES.contains(size)));
}

#[test]
fn connections_of_overlapping_runs_are_refused() {
    let overlapping = scenario(&format!("{REFUSED}{}", turns(&["a", "b"], false)));
    let refused = Plan::draw(&overlapping, &Draw::new(1)).expect_err("is left to chance");
    assert_eq!(
        refused.to_string(),
        "plan `x`: a fault at connect is addressed by connection, and runs 1 and 2 may overlap"
    );
    let in_turn = scenario(&format!("{REFUSED}{}", turns(&["a", "b"], true)));
    assert!(Plan::draw(&in_turn, &Draw::new(1)).is_ok());
}

#[test]
fn turns_that_nothing_tells_apart_are_refused() {
    let without_markers = Draw {
        markers: false,
        ..Draw::new(1)
    };
    let same = scenario(&format!("{REPLY}{}", turns(&["go", "go on"], false)));
    assert!(matches!(
        Plan::draw(&same, &without_markers),
        Err(PlanRefused::IndistinguishableTurns {
            earlier: 1,
            later: 2,
            ..
        })
    ));
    assert!(Plan::draw(&same, &Draw::new(1)).is_ok());
    let different = scenario(&format!("{REPLY}{}", turns(&["left", "right"], false)));
    let plan = Plan::draw(&different, &without_markers).expect("can be told apart");
    assert_eq!(
        (plan.runs[0].marker.as_str(), plan.runs[0].text.as_str()),
        ("left", "left")
    );
}

#[test]
fn bounds_are_the_usual_ones_but_for_what_is_said() {
    let scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
    let draw = Draw {
        bounds: BoundsOverrides {
            attempts_per_call: Some(9),
            ..BoundsOverrides::default()
        },
        ..Draw::new(1)
    };
    let bounds = Plan::draw(&scenario, &draw).expect("can be drawn").bounds;
    assert_eq!(bounds.attempts_per_call, 9);
    assert_eq!(bounds.run.to_string(), "10m");
    assert_eq!(bounds.abort.to_string(), "2s");
}

#[test]
fn every_shipped_scenario_survives_being_stored() {
    let root = shipped();
    for file in discover(std::slice::from_ref(&root)).expect("the folder is there") {
        let scenario = load(&file, &root).expect("is a good scenario");
        let plan = Plan::draw(&scenario, &Draw::new(u64::MAX)).expect("can be drawn");
        assert_eq!(stored_and_read(&plan), plan, "{}", file.display());
    }
}

/// The places of a point, as they are written.
fn places(point: PointName) -> Vec<String> {
    let fields = match point {
        PointName::Event => vec!["before = 1", "after = 2", "inside = 3\nafter_bytes = 4"],
        PointName::Request
        | PointName::Headers
        | PointName::Text
        | PointName::Reasoning
        | PointName::ToolArguments => vec!["after_bytes = 5"],
        _ => vec![""],
    };
    let place = |fields: &str| format!("at = \"{point}\"\n{fields}\n");
    fields.into_iter().map(place).collect()
}

/// What an action may be told, with everything in it that TOML has to escape.
fn forms(action: ActionName) -> Vec<String> {
    let fields = match action {
        ActionName::Status => vec![
            "status = 401",
            "status = 503\nretry_after_date = \"3s\"\nretry_after_ms = \"\\\"1\"\nshould_retry = false",
            "status = 429\nretry_after = \"-1\"\ncode = \"c\"\nmessage = \"m \\\"quoted\\\"\\n\"\necho_key = true",
        ],
        ActionName::ErrorEvent => vec!["", "status = 529\nshape = \"flat\"\nmessage = \"m\\n\""],
        ActionName::Stall => vec!["", "lasting = \"1500ms\""],
        ActionName::Delay => vec!["lasting = \"1500ms\""],
        ActionName::Split => vec!["bytes = 3"],
        ActionName::Raw => vec!["data = 'a\\x00\\n\"'"],
        _ => vec![""],
    };
    let form = |fields: &str| format!("action = \"{action}\"\n{fields}\n");
    fields.into_iter().map(form).collect()
}

fn every_legal_fault() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (point, action) in PointName::ALL
        .into_iter()
        .flat_map(|point| ActionName::ALL.map(|action| (point, action)))
    {
        if legality(point, action).is_err() {
            continue;
        }
        for place in places(point) {
            for form in forms(action) {
                let text = format!("{place}{form}");
                let spec: FaultSpec = toml::from_str(&text).expect("has the right fields");
                let fault = spec.check();
                faults.push(fault.unwrap_or_else(|mistakes| panic!("{text}{mistakes:?}")));
            }
        }
    }
    faults
}

#[test]
fn every_legal_fault_survives_being_stored() {
    let mut scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
    scenario.script.entries = every_legal_fault()
        .into_iter()
        .map(|fault| Entry {
            faults: vec![fault],
            quirk: None,
            ..scenario.script.entries[0].clone()
        })
        .collect();
    let plan = Plan::draw(&scenario, &Draw::new(1)).expect("can be drawn");
    assert!(plan.script.entries.len() > 200);
    assert_eq!(stored_and_read(&plan), plan);
}

#[test]
fn a_plan_of_another_format_is_refused() {
    let scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
    let plan = Plan::draw(&scenario, &Draw::new(1)).expect("can be drawn");
    let text = plan.to_toml().expect("can be stored");
    let later = text.replace("format = 1\n", "format = 2\nnews = true\n");
    let error = Plan::from_toml(&later).expect_err("is not known");
    assert!(error.to_string().contains("plan format 2 is not known"));
}

proptest! {
    /// Whatever people write in turns and demand of answers comes back as it was.
    #[test]
    fn any_text_survives_being_stored(said in any::<String>(), expected in any::<String>(), seed in any::<u64>()) {
        let mut scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
        if let Some(Step::Say { text, .. }) = scenario.steps.first_mut() {
            text.clone_from(&said);
        }
        scenario.expectations[0].expected = Expected::Output(expected);
        let plan = Plan::draw(&scenario, &Draw::new(seed)).expect("can be drawn");
        prop_assert_eq!(stored_and_read(&plan), plan);
    }
}

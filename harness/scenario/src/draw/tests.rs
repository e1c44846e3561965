//! Tests of drawing: what is chosen, what is refused, and that a plan survives being stored.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wire_faults::{
    Action, ActionName, EventPoint, Fault, HumanDuration, PointName, StatusAnswer, legality,
};

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

fn every_legal_fault() -> Vec<Fault> {
    let lasting = HumanDuration(std::time::Duration::from_millis(1500));
    let actions = [
        Action::Status(StatusAnswer {
            status: 429,
            retry_after: Some("-1".into()),
            code: Some("c".into()),
            message: Some("m \"quoted\"\n".into()),
            echo_key: true,
        }),
        Action::Close,
        Action::Reset,
        Action::Stall { lasting: None },
        Action::Stall {
            lasting: Some(lasting),
        },
        Action::Delay { lasting },
        Action::Truncate,
    ];
    let points = [
        Point::Connect,
        Point::BeforeHeaders,
        Point::Headers { after_bytes: 1 },
        Point::BeforeBody,
        Point::Event(EventPoint::Before(1)),
        Point::Event(EventPoint::After(2)),
        Point::Event(EventPoint::Inside {
            event: 3,
            after_bytes: 4,
        }),
        Point::Text { after_bytes: 5 },
        Point::ToolArguments { after_bytes: 6 },
        Point::BeforeFinish,
        Point::BeforeEnd,
        Point::AfterEnd,
        Point::Idle,
    ];
    assert!(
        PointName::ALL
            .iter()
            .all(|name| points.iter().any(|point| point.name() == *name))
    );
    assert!(
        ActionName::ALL
            .iter()
            .all(|name| actions.iter().any(|action| action.name() == *name))
    );
    let pairs = points
        .iter()
        .flat_map(|point| actions.iter().map(move |action| (*point, action.clone())));
    pairs
        .filter(|(point, action)| legality(point.name(), action.name()).is_ok())
        .map(|(point, action)| Fault { point, action })
        .collect()
}

#[test]
fn every_legal_fault_survives_being_stored() {
    let mut scenario = scenario(&format!("{REPLY}{}", turns(&["a"], true)));
    scenario.script.entries = every_legal_fault()
        .into_iter()
        .map(|fault| Entry {
            fault: Some(fault),
            quirk: None,
            ..scenario.script.entries[0].clone()
        })
        .collect();
    let plan = Plan::draw(&scenario, &Draw::new(1)).expect("can be drawn");
    assert!(plan.script.entries.len() > 40);
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

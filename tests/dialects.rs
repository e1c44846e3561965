//! What a dialect is said to have it has, and what it is said to lack it lacks: faults of every kind, in every dialect and mode.
//!
//! `scenario` tells it from the dialect's nature and `fake-provider` shows it with bytes; neither knows the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use brownout::Embedded;
use journal::{Fact, FaultOutcome};
use runner::{CaseSettings, Target, run_case};
use scenario::{Dialect, Draw, Need, Plan, Scenario};

/// Faults that may depend on the dialect or the mode, as they are written.
const FAULTS: [&str; 18] = [
    "at = \"before-headers\", action = \"close\"",
    "at = \"headers\", after_bytes = 20, action = \"close\"",
    "at = \"before-body\", action = \"close\"",
    "at = \"event\", before = 1, action = \"close\"",
    "at = \"event\", after = 2, action = \"close\"",
    "at = \"text\", after_bytes = 4, action = \"close\"",
    "at = \"reasoning\", after_bytes = 4, action = \"close\"",
    "at = \"tool-arguments\", after_bytes = 4, action = \"close\"",
    "at = \"before-finish\", action = \"close\"",
    "at = \"before-end\", action = \"close\"",
    "at = \"after-end\", action = \"close\"",
    "at = \"before-finish\", action = \"error-event\"",
    "at = \"before-body\", action = \"error-event\"",
    "at = \"before-finish\", action = \"keepalive-forever\"",
    "at = \"text\", after_bytes = 4, action = \"duplicate\"",
    "at = \"text\", after_bytes = 4, action = \"malform-json\"",
    "at = \"text\", after_bytes = 4, action = \"huge\", bytes = 100000",
    "at = \"before-body\", action = \"crlf\"",
];

fn scenario(fault: &str) -> Scenario {
    let text = format!(
        "format = 1\ntitle = \"t\"\n\
         [[provider]]\nwhen = {{ call = 1, attempt = 1 }}\n\
         reply = {{ reasoning = \"Let me think.\", text = \"I shall look.\", tool_calls = [{{ tool = \"list\", arguments = {{ path = \".\" }} }}] }}\n\
         fault = {{ {fault} }}\n\
         [[provider]]\nreply = {{ text = \"Done.\" }}\n\
         [[steps]]\nsay = \"Look around\"\n[[steps]]\nwait_for = {{ terminal = \"any\", within = \"60s\" }}\n\
         [expect]\neffects = []\n"
    );
    scenario::parse(&text, Path::new("t.toml"), "t")
        .unwrap_or_else(|mistakes| panic!("{fault}: {mistakes:?}"))
}

fn outcome(scenario: &Scenario, dialect: Dialect, streamed: bool) -> Option<FaultOutcome> {
    let draw = Draw {
        dialect,
        streamed,
        ..Draw::new(11)
    };
    let plan = Plan::draw(scenario, &draw).expect("can be planned");
    let target = Target::Embedded(Arc::new(Embedded::reference()));
    let settings = CaseSettings {
        virtual_time: true,
        ..CaseSettings::default()
    };
    let journal = run_case(&plan, &target, &settings)
        .expect("can be run")
        .journal;
    journal
        .records
        .into_iter()
        .find_map(|record| match record.fact {
            Fact::Fault { outcome, .. } => Some(outcome),
            _ => None,
        })
}

/// What is said of a fault in a dialect, and what its bytes show, where the two differ.
fn difference(
    fault: &str,
    dialect: Dialect,
    streamed: bool,
) -> Option<(bool, Option<FaultOutcome>)> {
    let scenario = scenario(fault);
    let lacks_stream = !streamed && scenario.needs.contains(&Need::Streamed);
    let said = !lacks_stream && scenario.impossible(dialect, streamed).is_empty();
    let shown = outcome(&scenario, dialect, streamed);
    let happened = matches!(
        shown,
        Some(FaultOutcome::Delivered | FaultOutcome::Superseded)
    );
    // A place that is not there shows by itself; what must not be done at one that is, only the plan refuses.
    let place_alone = fault.ends_with("\"close\"");
    let right = match said {
        true => happened,
        false => !place_alone || shown == Some(FaultOutcome::Inapplicable),
    };
    (!right).then_some((said, shown))
}

#[test]
fn what_is_said_of_a_dialect_is_what_its_bytes_show() {
    let dialects = Dialect::ALL.into_iter();
    let forms: Vec<_> = dialects
        .flat_map(|dialect| [true, false].map(|streamed| (dialect, streamed)))
        .collect();
    let mut wrong = BTreeMap::new();
    for fault in FAULTS {
        for (dialect, streamed) in forms.iter().copied() {
            if let Some(difference) = difference(fault, dialect, streamed) {
                wrong.insert((fault, dialect, streamed), difference);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! What a dialect is said to have it has, and what it is said to lack it lacks: a fault at every point, in every dialect and mode.
//!
//! `scenario` tells it from the dialect's nature and `fake-provider` shows it with bytes; neither knows the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use brownout::Embedded;
use journal::{Fact, FaultOutcome};
use runner::{CaseSettings, Target, run_case};
use scenario::{Dialect, Draw, Need, Plan, Scenario};

/// A place in an answer, as it is written.
const PLACES: [&str; 11] = [
    "at = \"before-headers\"",
    "at = \"headers\", after_bytes = 20",
    "at = \"before-body\"",
    "at = \"event\", before = 1",
    "at = \"event\", after = 2",
    "at = \"text\", after_bytes = 4",
    "at = \"reasoning\", after_bytes = 4",
    "at = \"tool-arguments\", after_bytes = 4",
    "at = \"before-finish\"",
    "at = \"before-end\"",
    "at = \"after-end\"",
];

fn scenario(place: &str) -> Scenario {
    let text = format!(
        "format = 1\ntitle = \"t\"\n\
         [[provider]]\nwhen = {{ call = 1, attempt = 1 }}\n\
         reply = {{ reasoning = \"Let me think.\", text = \"I shall look.\", tool_calls = [{{ tool = \"list\", arguments = {{ path = \".\" }} }}] }}\n\
         fault = {{ {place}, action = \"close\" }}\n\
         [[provider]]\nreply = {{ text = \"Done.\" }}\n\
         [[steps]]\nsay = \"Look around\"\n[[steps]]\nwait_for = {{ terminal = \"any\", within = \"60s\" }}\n\
         [expect]\neffects = []\n"
    );
    scenario::parse(&text, Path::new("t.toml"), "t")
        .unwrap_or_else(|mistakes| panic!("{place}: {mistakes:?}"))
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

#[test]
fn what_is_said_of_a_dialect_is_what_its_bytes_show() {
    let mut wrong = BTreeMap::new();
    for place in PLACES {
        let scenario = scenario(place);
        for dialect in Dialect::ALL {
            for streamed in [true, false] {
                let lacks_stream = !streamed && scenario.needs.contains(&Need::Streamed);
                let said = !lacks_stream && scenario.impossible(dialect, streamed).is_empty();
                let shown = outcome(&scenario, dialect, streamed);
                let expected = match said {
                    true => FaultOutcome::Delivered,
                    false => FaultOutcome::Inapplicable,
                };
                if shown != Some(expected) {
                    wrong.insert((place, dialect, streamed), (said, shown));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

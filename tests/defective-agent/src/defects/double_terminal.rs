//! The ending of a failed run is told by the handler of the error, and again by the code after it.
//!
//! As in CopilotKit#4155.

use std::sync::Arc;

use journal::Fact;
use reference_agent::outcome::Outcome;
use reference_agent::seams::{Seams, TerminalEvent};
use reference_agent::terminal::{Terminal, truthful};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "double-terminal",
    sentence: "A failed run emits `run.failed` twice.",
    replaces: &["terminal_event"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "one-terminal-event",
        mistake: |fact| matches!(fact, Fact::Terminal { .. }),
    }],
    also: &[],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        terminal_event: Arc::new(Twice),
        ..Seams::default()
    }
}

struct Twice;

impl TerminalEvent for Twice {
    fn events(&self, outcome: &Outcome) -> Vec<Terminal> {
        let times = if matches!(outcome, Outcome::Failed { .. }) {
            2
        } else {
            1
        };
        vec![truthful(outcome); times]
    }
}

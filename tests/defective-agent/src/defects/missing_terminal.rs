//! The error path ends the stream of events without an ending.
//!
//! As in hermes-agent#15561, before it told a lie.

use std::sync::Arc;

use journal::Fact;
use reference_agent::outcome::Outcome;
use reference_agent::seams::{Seams, TerminalEvent};
use reference_agent::terminal::{Terminal, truthful};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "missing-terminal",
    sentence: "A run that failed closes its events without a terminal event.",
    replaces: &["terminal_event"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "one-terminal-event",
        mistake: |fact| matches!(fact, Fact::EventsEnded { .. }),
    }],
    also: &["error-names-cause"],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        terminal_event: Arc::new(Silent),
        ..Seams::default()
    }
}

struct Silent;

impl TerminalEvent for Silent {
    fn events(&self, outcome: &Outcome) -> Vec<Terminal> {
        match outcome {
            Outcome::Failed { .. } => Vec::new(),
            other => vec![truthful(other)],
        }
    }
}

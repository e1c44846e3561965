//! Seed three: a run that failed is told as completed, with nothing in it.
//!
//! As in hermes-agent#15561.

use std::sync::Arc;

use journal::{Fact, Terminal as Told};
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Seams, TerminalEvent};
use reference_agent::terminal::{Terminal, truthful};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "lying-gateway",
    sentence: "A failed run emits `run.completed` with `output: null` and no tokens.",
    replaces: &["terminal_event"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "failed-run-says-failed",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Told::Completed,
                    output: None,
                    ..
                }
            )
        },
    }],
    also: &[
        "no-success-without-end",
        "length-is-labelled",
        "usage-is-summed",
    ],
    shown_by: &["ending/unauthorized-is-run-failed"],
    seams,
};

fn seams() -> Seams {
    Seams {
        terminal_event: Arc::new(Lying),
        ..Seams::default()
    }
}

struct Lying;

impl TerminalEvent for Lying {
    fn events(&self, outcome: &Outcome) -> Vec<Terminal> {
        match outcome {
            Outcome::Failed { .. } => vec![Terminal::Completed {
                output: None,
                usage: Usage::default(),
            }],
            other => vec![truthful(other)],
        }
    }
}

//! The mistake: a gateway that reports every ending as a success.

use std::sync::Arc;

use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Seams, TerminalEvent};
use reference_agent::terminal::{Terminal, truthful};

/// The habits of an agent with this mistake.
pub(crate) fn seams() -> Seams {
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
            Outcome::Completed { .. } | Outcome::Cancelled { .. } => vec![truthful(outcome)],
        }
    }
}

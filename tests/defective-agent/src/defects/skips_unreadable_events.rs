//! An event that is no JSON is skipped.
//!
//! As in praxis#739, whose reader drops what it cannot parse.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::Failure;
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "skips-unreadable-events",
    sentence: "What an event that cannot be read would have said is missing from an answer that is called whole.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "no-success-without-end",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Terminal::Completed,
                    ..
                }
            )
        },
    }],
    also: &[
        "every-call-has-one-result",
        "no-tool-on-partial-arguments",
        "request-accepted",
        "text-in-order",
    ],
    shown_by: &["wire/event-that-is-no-json"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Lenient),
        ..Seams::default()
    }
}

struct Lenient;

impl StreamReader for Lenient {
    fn unreadable(&self, _: Failure) -> Result<(), Failure> {
        Ok(())
    }
}

//! Whatever arrives ends a silence, also what only keeps the connection open; nothing else has a limit.
//!
//! As in goose#11816 and openclaw#145203.

use std::sync::Arc;
use std::time::Duration;

use journal::Fact;
use reference_agent::config::Timeouts;
use reference_agent::provider::StreamItem;
use reference_agent::seams::{Deadlines, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "comments-are-progress",
    sentence: "A stream of which only keep-alives come hangs the run.",
    replaces: &["deadlines"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-run-ends",
        mistake: |fact| matches!(fact, Fact::RunTimedOut { .. }),
    }],
    also: &[],
    shown_by: &[
        "time/keep-alives-instead-of-an-answer",
        "time/keep-alives-in-mid-stream",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        deadlines: Arc::new(AnySign),
        ..Seams::default()
    }
}

struct AnySign;

impl Deadlines for AnySign {
    fn run(&self, _: &Timeouts) -> Option<Duration> {
        None
    }

    fn is_progress(&self, _: &StreamItem, _: bool) -> bool {
        true
    }
}

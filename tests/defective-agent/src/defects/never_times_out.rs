//! No wait has a limit.
//!
//! As in opencode#48675.

use std::sync::Arc;
use std::time::Duration;

use journal::Fact;
use reference_agent::config::Timeouts;
use reference_agent::seams::{Deadlines, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "never-times-out",
    sentence: "A provider that falls silent hangs the run for ever.",
    replaces: &["deadlines"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-run-ends",
        mistake: |fact| matches!(fact, Fact::RunTimedOut { .. }),
    }],
    also: &[],
    shown_by: &["time/silence-before-the-head", "time/silence-in-mid-stream"],
    seams,
};

fn seams() -> Seams {
    Seams {
        deadlines: Arc::new(Endless),
        ..Seams::default()
    }
}

struct Endless;

impl Deadlines for Endless {
    fn first_data(&self, _: &Timeouts) -> Option<Duration> {
        None
    }

    fn idle(&self, _: &Timeouts) -> Option<Duration> {
        None
    }

    fn run(&self, _: &Timeouts) -> Option<Duration> {
        None
    }
}

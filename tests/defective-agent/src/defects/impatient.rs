//! Limits are far shorter than they were set.
//!
//! As in LibreChat#13577.

use std::sync::Arc;
use std::time::Duration;

use journal::{Ended, Fact};
use reference_agent::config::Timeouts;
use reference_agent::seams::{Deadlines, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "impatient",
    sentence: "A thought before the answer, or a pause in it, is taken for silence after a sixth of the limit.",
    replaces: &["deadlines"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "slow-stream-lives",
        mistake: |fact| {
            matches!(
                fact,
                Fact::ResponseEnded {
                    ended: Ended::TargetLeft,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &[
        "time/long-thought-before-the-head",
        "stream/gap-between-events",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        deadlines: Arc::new(Hasty),
        ..Seams::default()
    }
}

struct Hasty;

impl Deadlines for Hasty {
    fn first_data(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(timeouts.first_byte / 6)
    }

    fn idle(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(timeouts.idle / 6)
    }
}

//! The limit for the first byte is one for the whole answer.
//!
//! As in openclaw#96518.

use std::sync::Arc;

use journal::{Ended, Fact};
use reference_agent::provider::StreamItem;
use reference_agent::seams::{Deadlines, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "total-timeout",
    sentence: "An answer that comes slowly is cut off, although it comes.",
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
    shown_by: &["time/slow-but-living-stream"],
    seams,
};

fn seams() -> Seams {
    Seams {
        deadlines: Arc::new(Total),
        ..Seams::default()
    }
}

struct Total;

impl Deadlines for Total {
    fn is_progress(&self, _: &StreamItem, _: bool) -> bool {
        false
    }
}

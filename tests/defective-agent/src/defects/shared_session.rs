//! All clients share one conversation.
//!
//! As in hermes-agent#2086, where the key of a session was left out.

use std::sync::Arc;

use journal::Fact;
use reference_agent::seams::{Seams, Sessions};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "shared-session",
    sentence: "The name of the session is not part of its key: everybody continues everybody's conversation.",
    replaces: &["sessions"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "runs-never-mix",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        sessions: Arc::new(OneForAll),
        ..Seams::default()
    }
}

struct OneForAll;

impl Sessions for OneForAll {
    fn key(&self, _: &str) -> String {
        "default".to_owned()
    }
}

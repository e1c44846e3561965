//! The events of a run are one queue, thrown away with its first reader.
//!
//! As in hermes-agent#90059 and #118138.

use std::sync::Arc;

use journal::Fact;
use reference_agent::seams::{Audience, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "single-reader",
    sentence: "Only the first reader of a run gets its events; whoever comes back finds no such run.",
    replaces: &["audience"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "terminal-after-reconnect",
        mistake: |fact| matches!(fact, Fact::Disconnected),
    }],
    also: &[],
    shown_by: &[
        "ending/terminal-after-reconnect",
        "ending/stop-after-reconnect-is-told",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        audience: Arc::new(FirstOnly),
        ..Seams::default()
    }
}

struct FirstOnly;

impl Audience for FirstOnly {
    fn admits(&self, earlier: usize) -> bool {
        earlier == 0
    }
}

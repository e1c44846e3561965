//! What one read brings is taken for whole events.
//!
//! As in graniet/llm#90 and brave#52830.

use std::borrow::Cow;
use std::sync::Arc;

use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "one-read-one-event",
    sentence: "An event that is cut in two by the transport is two events, neither of them JSON.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[],
    also: &["usage-is-summed"],
    shown_by: &[
        "wire/cut-inside-every-character",
        "wire/dripping-answer-is-heard-to-its-end",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Hasty),
        ..Seams::default()
    }
}

struct Hasty;

impl StreamReader for Hasty {
    fn chunk<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Owned([bytes, b"\n\n"].concat())
    }
}

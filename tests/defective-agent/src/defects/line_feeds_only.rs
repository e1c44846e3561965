//! Only a line feed ends a line, and only two in a row an event.
//!
//! As in xuan#194 and praxis#739.

use std::borrow::Cow;
use std::sync::Arc;

use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "line-feeds-only",
    sentence: "Of a stream whose lines end in CRLF nothing is heard.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[],
    also: &[],
    shown_by: &["wire/line-ends-of-another-system"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Parochial),
        ..Seams::default()
    }
}

struct Parochial;

impl StreamReader for Parochial {
    fn chunk<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let letters = bytes.iter().map(|byte| match byte {
            b'\r' => b' ',
            other => *other,
        });
        Cow::Owned(letters.collect())
    }
}

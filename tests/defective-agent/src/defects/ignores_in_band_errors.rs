//! An error inside a 200 is passed over.
//!
//! As in goose#8021 and tidebreak#1122.

use std::sync::Arc;

use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::provider::ErrorBody;
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "ignores-in-band-errors",
    sentence: "An error that is told inside an answer is an event like any other, and nobody reads it.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "error-names-cause",
        mistake: |fact| matches!(fact, Fact::Terminal { error: Some(_), .. }),
    }],
    also: &[
        "no-hopeless-retry",
        "attempts-within-budget",
        "retry-after-honoured",
    ],
    shown_by: &[
        "ending/error-inside-the-answer-names-its-cause",
        "ending/error-instead-of-an-answer",
        "retries/quota-inside-the-answer-is-final",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Deaf),
        ..Seams::default()
    }
}

struct Deaf;

impl StreamReader for Deaf {
    fn in_band_error(&self, _: &ErrorBody) -> Option<Failure> {
        None
    }
}

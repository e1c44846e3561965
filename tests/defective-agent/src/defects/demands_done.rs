//! An answer counts only with its end marker, although it has said that it is finished.
//!
//! As in cc-switch#6541.

use std::sync::Arc;

use reference_agent::failure::{Failure, FailureCode};
use reference_agent::provider::{Assembly, StreamEnd};
use reference_agent::seams::{Seams, StreamReader, StrictStream};

use crate::defect::{Defect, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "demands-done",
    sentence: "A whole answer without `[DONE]` is thrown away, asked for again, and given up.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[],
    also: &[],
    shown_by: &["stream/finish-without-done"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Pedantic),
        ..Seams::default()
    }
}

struct Pedantic;

impl StreamReader for Pedantic {
    fn at_end(&self, end: StreamEnd, answer: &Assembly) -> Result<(), Failure> {
        match end {
            StreamEnd::Closed => Err(Failure::new(
                FailureCode::Truncated,
                "truncated: the stream ended without [DONE]",
            )),
            other => StrictStream.at_end(other, answer),
        }
    }
}

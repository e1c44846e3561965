//! What the model says instead of an answer is its answer.
//!
//! As wherever `message.refusal` is read into the text.

use std::sync::Arc;

use reference_agent::failure::{Failure, FailureCode};
use reference_agent::provider::{Answer, Assembly};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "refusal-as-answer",
    sentence: "A refusal completes the run like any answer.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[],
    also: &[],
    shown_by: &["ending/refusal-is-no-answer"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Obliging),
        ..Seams::default()
    }
}

struct Obliging;

impl StreamReader for Obliging {
    fn conclude(&self, answer: Assembly) -> Result<Answer, Failure> {
        answer.conclude().or_else(|failure| {
            match failure.message.split_once("refused to answer: ") {
                Some((_, refusal)) if failure.code == FailureCode::ContentFilter => {
                    Ok(Answer::salvaged(refusal.to_owned(), Vec::new()))
                }
                _ => Err(failure),
            }
        })
    }
}

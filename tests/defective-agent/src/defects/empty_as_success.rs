//! An answer without a word is an answer.
//!
//! As in adk-python#6195.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::provider::{Answer, Assembly, Finish};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "empty-as-success",
    sentence: "An answer that ends properly and says nothing completes the run.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "failed-run-says-failed",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Terminal::Completed,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &["ending/empty-answer-is-no-success"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Content),
        ..Seams::default()
    }
}

struct Content;

impl StreamReader for Content {
    fn conclude(&self, answer: Assembly) -> Result<Answer, Failure> {
        match answer.conclude() {
            Err(failure) if failure.code == FailureCode::EmptyResponse => Ok(Answer {
                text: String::new(),
                calls: Vec::new(),
                finish: Finish::Complete,
                reasoning: String::new(),
                keepsake: None,
            }),
            other => other,
        }
    }
}

//! Whatever the finish reason is, the answer is taken for whole.
//!
//! As in langchain#39275.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::Failure;
use reference_agent::provider::{Answer, Assembly, Finish};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "unlabelled-length",
    sentence: "An answer that was cut at the token limit or withheld is passed off as whole.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "length-is-labelled",
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
    also: &["error-names-cause"],
    shown_by: &[
        "ending/cut-at-the-token-limit",
        "ending/withheld-answer-is-labelled",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Incurious),
        ..Seams::default()
    }
}

struct Incurious;

impl StreamReader for Incurious {
    fn conclude(&self, answer: Assembly) -> Result<Answer, Failure> {
        match answer.finish() {
            Some(Finish::Length | Finish::ContentFilter) => Ok(Answer {
                text: answer.text().to_owned(),
                calls: answer.fragments(),
                finish: Finish::Complete,
                reasoning: String::new(),
                keepsake: None,
            }),
            _ => answer.conclude(),
        }
    }
}

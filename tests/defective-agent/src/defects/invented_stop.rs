//! A finish reason is made up where none came.
//!
//! As in litellm#40260, also for an empty body and a page.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::provider::{Answer, Assembly, Finish, Piece, StreamEnd};
use reference_agent::seams::{Seams, StreamReader, StrictStream};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "invented-stop",
    sentence: "A stream that ends politely, an empty body and a page are answers that finished with `stop`.",
    replaces: &["stream_reader"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "no-success-without-end",
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
    also: &[
        "failed-run-says-failed",
        "no-tool-on-partial-arguments",
        "request-accepted",
        "error-names-cause",
    ],
    shown_by: &[
        "wire/nothing-at-all",
        "stream/lost-finish-reason",
        "stream/done-and-nothing-else",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Inventive),
        ..Seams::default()
    }
}

struct Inventive;

impl StreamReader for Inventive {
    fn not_an_answer(&self, _: Failure, _: &[u8]) -> Result<Vec<Piece>, Failure> {
        Ok(vec![Piece::Finish(Finish::Complete, "stop".to_owned())])
    }

    fn at_end(&self, end: StreamEnd, answer: &Assembly) -> Result<(), Failure> {
        match end {
            StreamEnd::Closed | StreamEnd::Marker => Ok(()),
            broken => StrictStream.at_end(broken, answer),
        }
    }

    fn conclude(&self, answer: Assembly) -> Result<Answer, Failure> {
        match answer.conclude() {
            Err(failure) if failure.code == FailureCode::EmptyResponse => {
                Ok(Answer::salvaged(String::new(), Vec::new()))
            }
            other => other,
        }
    }
}

//! Whatever comes with status 200 is an answer.
//!
//! As in a captive portal whose page the model is said to have written.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::Failure;
use reference_agent::provider::{Finish, Piece};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "page-as-answer",
    sentence: "The text of a page for a browser is handed on as what the model said.",
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
    also: &["text-in-order"],
    shown_by: &["wire/page-for-a-browser"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Credulous),
        ..Seams::default()
    }
}

struct Credulous;

impl StreamReader for Credulous {
    fn not_an_answer(&self, _: Failure, body: &[u8]) -> Result<Vec<Piece>, Failure> {
        let text = String::from_utf8_lossy(body).into_owned();
        Ok(vec![
            Piece::Text(text),
            Piece::Finish(Finish::Complete, "stop".to_owned()),
        ])
    }
}

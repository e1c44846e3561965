//! The end of the bytes is taken for the end of the answer.
//!
//! As in litellm#39748 and hermes-agent#32086.

use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::failure::Failure;
use reference_agent::provider::{Assembly, StreamEnd};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "truncated-as-complete",
    sentence: "A stream that ends or breaks without a finish reason is taken for a whole answer.",
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
        "error-names-cause",
        "no-tool-on-partial-arguments",
        "request-accepted",
    ],
    shown_by: &[
        "stream/polite-end-in-mid-word",
        "stream/closed-before-finish",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Gullible),
        ..Seams::default()
    }
}

struct Gullible;

impl StreamReader for Gullible {
    fn at_end(&self, end: StreamEnd, _: &Assembly) -> Result<(), Failure> {
        match end {
            StreamEnd::Silent(failure) => Err(failure),
            StreamEnd::Marker | StreamEnd::Closed | StreamEnd::Broken(_) => Ok(()),
        }
    }
}

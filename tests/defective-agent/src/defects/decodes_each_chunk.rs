//! Each chunk is decoded for itself, and what is no UTF-8 in it becomes U+FFFD.
//!
//! As in lobehub#18640, plano#980 and mastra#20224.

use std::borrow::Cow;
use std::sync::Arc;

use journal::{Fact, Terminal};
use reference_agent::seams::{Seams, StreamReader};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "decodes-each-chunk",
    sentence: "A character that is cut in two arrives as two that nobody wrote.",
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
        "every-call-has-one-result",
        "no-tool-on-partial-arguments",
        "request-accepted",
        "text-in-order",
    ],
    shown_by: &["wire/cut-inside-every-character"],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Lossy),
        ..Seams::default()
    }
}

struct Lossy;

impl StreamReader for Lossy {
    fn chunk<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Owned(String::from_utf8_lossy(bytes).into_owned().into_bytes())
    }
}

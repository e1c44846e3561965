//! The cause of a failure is replaced by kind words.
//!
//! As in promptfoo#7077.

use std::sync::Arc;

use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::seams::{ErrorText, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "swallowed-cause",
    sentence: "Every failure reads `Something went wrong`.",
    replaces: &["error_text"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "error-names-cause",
        mistake: |fact| matches!(fact, Fact::Terminal { error: Some(_), .. }),
    }],
    also: &[],
    shown_by: &[
        "ending/unauthorized-is-run-failed",
        "ending/outage-names-its-cause",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        error_text: Arc::new(Kind),
        ..Seams::default()
    }
}

struct Kind;

impl ErrorText for Kind {
    fn explain(&self, failure: Failure) -> Failure {
        Failure {
            message: "Something went wrong. Please try again later.".to_owned(),
            provider_code: None,
            ..failure
        }
    }
}

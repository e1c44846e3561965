//! Errors are passed on as the provider worded them.
//!
//! As in litellm#20288.

use std::sync::Arc;

use journal::Fact;
use reference_agent::redact::Redactor;
use reference_agent::seams::{ErrorText, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "echoes-key",
    sentence: "A key that the provider repeats in its error is repeated to the client.",
    replaces: &["error_text"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "key-never-appears",
        mistake: |fact| matches!(fact, Fact::CanaryFound { .. }),
    }],
    also: &[],
    shown_by: &["secrets/key-echoed-by-a-401"],
    seams,
};

fn seams() -> Seams {
    Seams {
        error_text: Arc::new(Verbatim),
        ..Seams::default()
    }
}

struct Verbatim;

impl ErrorText for Verbatim {
    fn redact(&self, _: &Redactor, text: &str) -> String {
        text.to_owned()
    }
}

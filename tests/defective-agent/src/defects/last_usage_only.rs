//! The tokens of a run are those of its last call.
//!
//! As in octos#1533.

use std::sync::Arc;

use journal::Fact;
use reference_agent::outcome::Usage;
use reference_agent::seams::{Accounts, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "last-usage-only",
    sentence: "Tokens of earlier calls and attempts are overwritten by those of the last.",
    replaces: &["accounts"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "usage-is-summed",
        mistake: |fact| matches!(fact, Fact::Terminal { usage: Some(_), .. }),
    }],
    also: &[],
    shown_by: &[
        "accounts/tool-rounds-are-summed",
        "accounts/every-attempt-is-counted",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        accounts: Arc::new(LastOnly),
        ..Seams::default()
    }
}

struct LastOnly;

impl Accounts for LastOnly {
    fn enter(&self, total: &mut Usage, reported: Usage) {
        *total = reported;
    }
}

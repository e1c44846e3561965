//! What a broken attempt said stays, and the next attempt says it again.
//!
//! As in nanobot#4038.

use std::sync::Arc;

use journal::Fact;
use reference_agent::event::EventSink;
use reference_agent::seams::{Delivery, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "kept-text",
    sentence: "Text of an attempt that broke is neither taken back nor left out of the answer.",
    replaces: &["delivery"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "text-in-order",
        mistake: |fact| matches!(fact, Fact::TextDelivered { .. } | Fact::Terminal { .. }),
    }],
    also: &[],
    shown_by: &["stream/reset-in-text-leaves-nothing-behind"],
    seams,
};

fn seams() -> Seams {
    Seams {
        delivery: Arc::new(Keeping),
        ..Seams::default()
    }
}

struct Keeping;

impl Delivery for Keeping {
    fn superseded(&self, _: &dyn EventSink, void: String) -> String {
        void
    }
}

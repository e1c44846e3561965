//! Clients of calls are not closed but left to be collected.
//!
//! As in langchain#38610.

use std::sync::Arc;

use journal::Fact;
use reference_agent::registry::CallClient;
use reference_agent::seams::{ClientFactory, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "never-closes",
    sentence: "When a call has ended its client is forgotten, and whoever collects garbage may close it.",
    replaces: &["client_factory"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-client-closed",
        mistake: |fact| matches!(fact, Fact::ClientDropped { .. }),
    }],
    also: &[],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        client_factory: Arc::new(Forgetting),
        ..Seams::default()
    }
}

struct Forgetting;

impl ClientFactory for Forgetting {
    fn release(&self, client: Arc<dyn CallClient>) {
        drop(client);
    }
}

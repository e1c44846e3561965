//! A stop ends the run and leaves its request going.
//!
//! As in litellm#13774 and hermes-agent#72975.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::seams::{Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "deaf-stop",
    sentence: "The run is told as cancelled while its request goes on in the background.",
    replaces: &["interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "abort-reaches-socket",
        mistake: |fact| matches!(fact, Fact::StopRequested | Fact::StopAnswered { .. }),
    }],
    also: &[],
    shown_by: &[
        "cancel/stop-of-a-living-stream",
        "cancel/stop-before-the-head",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        interruption: Arc::new(Deaf),
        ..Seams::default()
    }
}

struct Deaf;

impl Interruption for Deaf {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        let going_on = tokio::spawn(call);
        Box::pin(async move { halt.race(async { drop(going_on.await) }).await })
    }
}

//! Every call starts a watch that nobody ends.
//!
//! As in hermes-agent#18766.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::seams::{Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "leaked-task",
    sentence: "A task that watches over a call goes on after the call, the run and the agent.",
    replaces: &["interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "nothing-left",
        mistake: |fact| matches!(fact, Fact::Census(_)),
    }],
    also: &[],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        interruption: Arc::new(Watching),
        ..Seams::default()
    }
}

/// How often the watch looks.
const LOOK: Duration = Duration::from_secs(30);

struct Watching;

impl Interruption for Watching {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        drop(tokio::spawn(async {
            loop {
                tokio::time::sleep(LOOK).await;
            }
        }));
        Box::pin(async move { halt.race(call).await })
    }
}

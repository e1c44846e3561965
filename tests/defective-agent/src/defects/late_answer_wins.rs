//! An answer that comes after the stop overwrites it.
//!
//! As in Holix#27 and hermes-webui#244.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use journal::{Fact, Terminal};
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "late-answer-wins",
    sentence: "A stop is acknowledged, the call is waited for, and its answer completes the run.",
    replaces: &["interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "stop-is-final",
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
    also: &["abort-reaches-socket"],
    shown_by: &["cancel/stop-is-not-overwritten"],
    seams,
};

fn seams() -> Seams {
    Seams {
        interruption: Arc::new(Late),
        ..Seams::default()
    }
}

struct Late;

impl Interruption for Late {
    fn race(
        &self,
        halt: Halt,
        mut call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(async move {
            match halt.race(&mut call).await {
                Err(HaltReason::Stopped) => {
                    call.await;
                    Ok(())
                }
                other => other,
            }
        })
    }

    fn settle(&self, _: &Halt, outcome: Outcome, _: Usage) -> Outcome {
        outcome
    }
}

//! A shutdown ends the run in words, and the layer that retries is not told.
//!
//! As hermes-agent 0.19 does after SIGTERM.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::failure::FailureCode;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::outcome::Outcome;
use reference_agent::seams::{Interruption, Seams, Shutdown, TerminalEvent};
use reference_agent::terminal::{Terminal, truthful};
use tokio::task::{self, AbortHandle, Id};
use tokio_util::task::TaskTracker;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "undead-run",
    sentence: "A run is told as cancelled by a shutdown, and its call goes on and is tried again.",
    replaces: &["interruption", "terminal_event", "shutdown"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "own-abort-not-retried",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: journal::Terminal::Cancelled,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &["cancel/shutdown-in-a-silent-call"],
    seams,
};

fn seams() -> Seams {
    let undead = Arc::new(Undead::default());
    Seams {
        interruption: Arc::clone(&undead) as Arc<dyn Interruption>,
        terminal_event: Arc::clone(&undead) as Arc<dyn TerminalEvent>,
        shutdown: undead,
        ..Seams::default()
    }
}

/// How long the process waits for what goes on.
const LINGERS: Duration = Duration::from_secs(15);

/// The calls of each run. A run is a task of its own.
#[derive(Default)]
struct Undead(Mutex<Vec<(Option<Id>, AbortHandle)>>);

impl Interruption for Undead {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        let call = tokio::spawn(call);
        let mut calls = self.0.lock().expect("nobody panics while holding it");
        calls.push((task::try_id(), call.abort_handle()));
        Box::pin(async move { halt.race(call.map(drop)).await })
    }

    fn before_attempt(&self, _: &Halt) -> Option<HaltReason> {
        None
    }

    fn pause(&self, _: Halt, wait: Duration) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(tokio::time::sleep(wait).map(Ok))
    }
}

impl TerminalEvent for Undead {
    fn events(&self, outcome: &Outcome) -> Vec<Terminal> {
        if let Outcome::Failed { failure, usage } = outcome
            && failure.code == FailureCode::ShuttingDown
        {
            return vec![Terminal::Cancelled { usage: *usage }];
        }
        // A stop by the user ends the call, as it should.
        let mut calls = self.0.lock().expect("nobody panics while holding it");
        let ended = calls.extract_if(.., |(of, _)| *of == task::try_id());
        ended.for_each(|(_, call)| call.abort());
        vec![truthful(outcome)]
    }
}

impl Shutdown for Undead {
    fn drain<'a>(&'a self, _: &'a TaskTracker, _: Duration) -> BoxFuture<'a, ()> {
        Box::pin(tokio::time::sleep(LINGERS))
    }
}

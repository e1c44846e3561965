//! One process for every turn: the prompt goes in as an argument, the answer comes out on standard output, and how it went
//! is the exit code.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use journal::{Fact, Terminal};
use rustix::process::Signal;
use scenario::PlannedRun;
use tokio::task::JoinHandle;

use crate::error::RunError;
use crate::process::Process;
use crate::process::output::Output;
use crate::started::Premises;
use crate::target::template::{Name, Values};

/// The exit code of a program that was interrupted, by convention 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// The turns of a case.
pub(crate) struct Commands {
    premises: Arc<Premises>,
    turns: BTreeMap<u32, Turn>,
}

struct Turn {
    process: Arc<Process>,
    stopped: Arc<AtomicBool>,
    telling: JoinHandle<()>,
}

impl Commands {
    pub(super) fn new(premises: Arc<Premises>) -> Self {
        let turns = BTreeMap::new();
        Self { premises, turns }
    }

    /// Starts the process of a turn. A program that cannot be started is no answer of the target's.
    pub(super) fn say(&mut self, planned: &PlannedRun) -> Result<(), RunError> {
        let run = planned.run;
        let values = Values::from([
            (Name::PROMPT.as_str(), planned.text.clone()),
            (Name::SESSION.as_str(), planned.session.clone()),
        ]);
        // One log for all turns: a line says nothing of its turn that we could know, so it belongs to the latest.
        self.premises.intake.assume(Some(run));
        let process = Arc::new(self.premises.start(Some((run, &values)))?);
        let log = self.premises.log.clone();
        log.client(run, Fact::RunAccepted);
        let stopped = Arc::new(AtomicBool::new(false));
        let (ending, was_stopped) = (process.clone(), stopped.clone());
        let telling = tokio::spawn(async move {
            let status = ending.end().await;
            let stopped = was_stopped.load(Ordering::SeqCst);
            log.searched(
                Some(run),
                "terminal output",
                ending.output.stdout().as_bytes(),
            );
            let mut fact = terminal(status, stopped, &ending.output);
            if let Fact::Terminal {
                output: Some(output),
                ..
            } = &mut fact
            {
                *output = log.aliases.apply(output);
            }
            log.client(run, fact);
        });
        let turn = Turn {
            process,
            stopped,
            telling,
        };
        self.turns.insert(run, turn);
        Ok(())
    }

    /// Interrupts a turn as a person would with ctrl-C.
    pub(super) fn stop(&self, run: u32) {
        if let Some(turn) = self.turns.get(&run) {
            self.premises.log.client(run, Fact::StopRequested);
            turn.stopped.store(true, Ordering::SeqCst);
            turn.process.expect_end();
            turn.process.signal(Signal::INT);
        }
    }

    /// Asks every turn that still goes on to end.
    pub(super) async fn shut_down(&self, within: Duration) {
        let going_on = || {
            self.turns
                .values()
                .filter(|turn| turn.process.ended().is_none())
        };
        if going_on().next().is_none() {
            return;
        }
        self.premises.log.runner(Fact::ShutdownRequested);
        for turn in going_on() {
            turn.process.expect_end();
            turn.process.signal(Signal::TERM);
        }
        // Whoever does not obey is counted, and killed later.
        let _ = tokio::time::timeout(within, self.all_ended()).await;
    }

    /// Waits until the process of every turn has ended.
    pub(super) async fn all_ended(&self) {
        for turn in self.turns.values() {
            turn.process.end().await;
        }
    }

    /// Waits until every ending was told, for processes that have ended.
    pub(super) async fn leave(self) {
        for turn in self.turns.into_values() {
            if turn.process.ended().is_none() {
                turn.telling.abort();
            }
            // An aborted or panicked teller has nothing to add.
            let _ = turn.telling.await;
        }
    }
}

fn terminal(status: ExitStatus, stopped: bool, output: &Output) -> Fact {
    let interrupted =
        status.code() == Some(INTERRUPTED) || status.signal() == Some(Signal::INT.as_raw());
    let terminal = if stopped && interrupted {
        Terminal::Cancelled
    } else if status.success() {
        Terminal::Completed
    } else {
        Terminal::Failed
    };
    let answer = output.stdout();
    let answer = answer.strip_suffix('\n').unwrap_or(&answer);
    Fact::Terminal {
        terminal,
        output: (terminal == Terminal::Completed).then(|| answer.to_owned()),
        error: (terminal == Terminal::Failed).then(|| error(status, output)),
        usage: None,
        via: "exit".to_owned(),
    }
}

/// What a person would be shown: the last lines of standard error, or at least how the process ended.
fn error(status: ExitStatus, output: &Output) -> String {
    let lines = output.last(Some("stderr"));
    if !lines.is_empty() {
        return lines.join("\n");
    }
    status.signal().map_or_else(
        || format!("exit code {}", status.code().unwrap_or_default()),
        |signal| format!("ended by signal {signal}"),
    )
}

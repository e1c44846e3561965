//! One turn at the screen: the agent runs it, the screen shows it, an interrupt stops it. Knows no prompt.

use std::io;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::console::Console;
use super::printer::Printer;
use crate::agent::{Agent, Turn};
use crate::event::{EventSink, RunEvent};
use crate::failure::Failure;
use crate::halt::StopSignal;
use crate::outcome::Outcome;

/// What the user says, and where.
pub(super) struct Question {
    pub(super) session: String,
    pub(super) prompt: String,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// The answer is on the screen.
    Answered,
    /// There is none, for this reason.
    Failed(String),
    /// The user stopped it.
    Stopped,
    /// The user stopped it twice, and it still had not ended: it was given up.
    Deserted,
}

/// Hands events over without waiting. Their number is bounded by what the agent accepts from a provider.
struct Handover(mpsc::UnboundedSender<RunEvent>);

impl EventSink for Handover {
    fn event(&self, event: RunEvent) {
        // Nobody listens any more: the screen is gone, and the turn is being stopped.
        let _ = self.0.send(event);
    }
}

/// Runs one turn on a task of its own, so that a slow screen never holds up the agent.
pub(super) async fn play(agent: &Arc<Agent>, question: Question, console: &mut Console) -> Ending {
    let turn = Turn {
        run_id: agent.ids().run_id(),
        session_id: question.session,
        input: question.prompt,
        history: None,
        instructions: None,
        model: None,
    };
    let stop = StopSignal::new();
    let (sender, events) = mpsc::unbounded_channel();
    let (agent, signal) = (Arc::clone(agent), stop.clone());
    let task = tokio::spawn(async move {
        agent
            .run_turn(turn, Arc::new(Handover(sender)), signal)
            .await
    });
    watch(console, events, task, &stop).await
}

async fn watch(
    console: &mut Console,
    mut events: mpsc::UnboundedReceiver<RunEvent>,
    mut task: JoinHandle<Outcome>,
    stop: &StopSignal,
) -> Ending {
    let mut screen: io::Result<()> = Ok(());
    let live = console.live;
    let Console {
        answer,
        notes,
        interrupts,
        ..
    } = console;
    let mut printer = Printer::new(answer, notes, live);
    let ended = loop {
        tokio::select! {
            biased;
            Some(()) = interrupts.recv() => {
                if stop.is_stopped() {
                    task.abort();
                    return Ending::Deserted;
                }
                stop.stop();
            }
            Some(event) = events.recv() => {
                screen = screen.and_then(|()| printer.event(&event));
                if screen.is_err() {
                    stop.stop();
                }
            }
            ended = &mut task => break ended,
        }
    };
    while let Ok(event) = events.try_recv() {
        screen = screen.and_then(|()| printer.event(&event));
    }
    if let Err(error) = screen {
        return Ending::Failed(format!("failed to write the answer: {error}"));
    }
    conclude(&mut printer, ended)
}

fn conclude<O: io::Write, N: io::Write>(
    printer: &mut Printer<'_, O, N>,
    ended: Result<Outcome, JoinError>,
) -> Ending {
    let (ending, shown) = match ended {
        Ok(Outcome::Completed { output, .. }) => (Ending::Answered, printer.finish(&output)),
        Ok(Outcome::Failed { failure, .. }) => {
            (Ending::Failed(sentence(&failure)), printer.abandon())
        }
        Ok(Outcome::Cancelled { .. }) => (Ending::Stopped, printer.abandon()),
        // What it was is in the lifecycle log; the person at the screen cannot act upon it.
        Err(_) => {
            let why = "failed to get an answer: the agent made a mistake of its own (internal)";
            (Ending::Failed(why.to_owned()), printer.abandon())
        }
    };
    match (shown, ending) {
        (Err(error), Ending::Answered) => {
            Ending::Failed(format!("failed to write the answer: {error}"))
        }
        (_, ending) => ending,
    }
}

/// The cause in one sentence, with what can be searched for: the code and the provider's status.
fn sentence(failure: &Failure) -> String {
    let code = failure.code.as_str();
    match failure.status {
        Some(status) => format!(
            "failed to get an answer: {} ({code}, status {status})",
            failure.message
        ),
        None => format!("failed to get an answer: {} ({code})", failure.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCode;

    #[test]
    fn a_failure_is_told_with_its_cause_code_and_status() {
        let failure = Failure::new(FailureCode::Auth, "no such key");
        assert_eq!(
            sentence(&failure),
            "failed to get an answer: no such key (auth)"
        );
        let failure = failure.with_status(401);
        assert_eq!(
            sentence(&failure),
            "failed to get an answer: no such key (auth, status 401)"
        );
    }
}

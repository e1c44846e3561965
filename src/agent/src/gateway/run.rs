//! One run as the gateway sees it: its status, its log, and the one place where stopping and ending meet.
//!
//! Stopping and ending are decided under one lock, so that a stop that was acknowledged can never be overtaken.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::event_log::{EventLog, LogBound};
use super::frame::Event;
use crate::clock::Clock;
use crate::event::{EventSink, RunEvent};
use crate::halt::StopSignal;
use crate::terminal::Terminal;

/// One run, from its admission until it is forgotten.
pub(super) struct Run {
    /// The gateway's id of it.
    pub(super) id: String,
    /// Everything it told.
    pub(super) log: EventLog,
    /// Given when the user stops it, or when the gateway goes down.
    pub(super) stop: StopSignal,
    session_id: String,
    model: String,
    created_at: f64,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    readers: AtomicUsize,
}

/// What identifies a run from the start.
pub(super) struct RunIdentity {
    pub(super) id: String,
    pub(super) session_id: String,
    pub(super) model: String,
}

struct State {
    status: &'static str,
    updated_at: f64,
    last_event: Option<&'static str>,
    interest: Interest,
    ending: Option<Ending>,
}

/// Who has asked this run to end, if anyone. A stop of the user is never downgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Nobody: the run goes on.
    Wanted,
    /// The gateway is going down.
    Abandoned,
    /// The user stopped it, and was told so.
    Stopped,
}

struct Ending {
    at: Instant,
    failed: bool,
    fields: Vec<(&'static str, Value)>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Run")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Run {
    pub(super) fn new(identity: RunIdentity, clock: Arc<dyn Clock>, bound: LogBound) -> Self {
        let created_at = clock.unix_seconds();
        Self {
            id: identity.id,
            log: EventLog::new(bound),
            stop: StopSignal::new(),
            session_id: identity.session_id,
            model: identity.model,
            created_at,
            clock,
            state: Mutex::new(State {
                status: "queued",
                updated_at: created_at,
                last_event: None,
                interest: Interest::Wanted,
                ending: None,
            }),
            readers: AtomicUsize::new(0),
        }
    }

    /// Counts one more reader of the events. Says how many there were before.
    pub(super) fn count_reader(&self) -> usize {
        self.readers.fetch_add(1, Ordering::SeqCst)
    }

    /// Notes that the agent has taken the run up.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        if state.status == "queued" {
            state.status = "running";
            state.updated_at = self.clock.unix_seconds();
        }
    }

    /// Stops the run for the user. `false` when it has ended, and then nothing changes.
    pub(super) fn stop_for_user(&self) -> bool {
        self.ask_to_end(Interest::Stopped)
    }

    /// Ends the run because the gateway goes down.
    pub(super) fn abandon(&self) {
        self.ask_to_end(Interest::Abandoned);
    }

    fn ask_to_end(&self, interest: Interest) -> bool {
        let mut state = self.lock();
        if state.ending.is_some() {
            return false;
        }
        if interest == Interest::Stopped {
            state.status = "stopping";
            state.last_event = Some("run.stopping");
            state.updated_at = self.clock.unix_seconds();
        }
        if state.interest != Interest::Stopped {
            state.interest = interest;
        }
        // Under the lock: whoever ends the run afterwards finds the signal given.
        self.stop.stop();
        true
    }

    /// Ends the run: `decide` is told who asked for the end, and says which events tell of it. Only the first ending counts.
    pub(super) fn end(&self, decide: impl FnOnce(Interest) -> Vec<Terminal>) {
        let mut state = self.lock();
        if state.ending.is_some() {
            return;
        }
        let terminals = decide(state.interest);
        let events: Vec<Event> = terminals.iter().map(Event::terminal).collect();
        let now = self.clock.unix_seconds();
        let frames = events
            .iter()
            .map(|event| event.frame(&self.id, now))
            .collect();
        let (status, fields) = terminals.last().map_or(("failed", Vec::new()), summary);
        state.status = status;
        state.updated_at = now;
        state.last_event = events.last().map(|event| event.name).or(state.last_event);
        state.ending = Some(Ending {
            at: Instant::now(),
            failed: status == "failed",
            fields,
        });
        self.log.end(frames);
    }

    /// When it ended, if it has.
    pub(super) fn ended_at(&self) -> Option<Instant> {
        self.lock().ending.as_ref().map(|ending| ending.at)
    }

    /// Whether it has ended in failure.
    pub(super) fn failed(&self) -> bool {
        self.lock()
            .ending
            .as_ref()
            .is_some_and(|ending| ending.failed)
    }

    /// The `hermes.run` object of `GET /v1/runs/{id}`.
    pub(super) fn describe(&self) -> Value {
        let state = self.lock();
        let mut object = json!({
            "object": "hermes.run",
            "run_id": self.id,
            "status": state.status,
            "updated_at": state.updated_at,
            "created_at": self.created_at,
            "session_id": self.session_id,
            "model": self.model,
            "last_event": state.last_event,
        });
        for (name, value) in state.ending.iter().flat_map(|ending| &ending.fields) {
            object[*name] = value.clone();
        }
        object
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Run {
    fn event(&self, event: RunEvent) {
        let mut state = self.lock();
        if state.ending.is_some() {
            return;
        }
        let event = Event::progress(event);
        let now = self.clock.unix_seconds();
        state.updated_at = now;
        // "stopping" stays visible until the end, as in hermes-agent.
        if state.interest != Interest::Stopped {
            state.last_event = Some(event.name);
        }
        self.log.progress(event.frame(&self.id, now));
    }
}

/// The status that an ending gives a run, and what its record carries from then on.
fn summary(terminal: &Terminal) -> (&'static str, Vec<(&'static str, Value)>) {
    match terminal {
        Terminal::Completed { output, usage } => (
            "completed",
            vec![("output", json!(output)), ("usage", json!(usage))],
        ),
        Terminal::Failed {
            error,
            code,
            status,
            usage,
        } => {
            let mut fields = vec![("error", json!(error)), ("usage", json!(usage))];
            fields.extend(code.as_ref().map(|code| ("code", json!(code))));
            fields.extend(status.map(|status| ("status_code", json!(status))));
            ("failed", fields)
        }
        Terminal::Cancelled { usage } => ("cancelled", vec![("usage", json!(usage))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::gateway::event_log::Found;
    use crate::outcome::Usage;

    fn run() -> Run {
        let identity = RunIdentity {
            id: "run_1".to_owned(),
            session_id: "s".to_owned(),
            model: "m".to_owned(),
        };
        let bound = LogBound {
            frames: 10,
            bytes: 10_000,
        };
        Run::new(identity, Arc::new(SystemClock), bound)
    }

    fn cancelled() -> Vec<Terminal> {
        let usage = Usage::default();
        vec![Terminal::Cancelled { usage }]
    }

    fn frames(run: &Run) -> usize {
        let found = |position: &usize| matches!(run.log.find(*position), Found::Frame(_));
        (0..).take_while(found).count()
    }

    #[tokio::test]
    async fn a_stop_before_the_ending_is_known_to_it_and_one_after_is_refused() {
        let run = run();
        run.begin();
        run.abandon();
        assert!(run.stop_for_user() && run.stop.is_stopped());
        run.abandon();
        assert_eq!(run.describe()["status"], "stopping");
        run.end(|interest| {
            assert_eq!(interest, Interest::Stopped);
            cancelled()
        });
        assert_eq!(run.describe()["status"], "cancelled");
        assert!(!run.stop_for_user());
        assert_eq!(run.describe()["status"], "cancelled");
    }

    #[tokio::test]
    async fn a_run_ends_once_and_says_nothing_afterwards() {
        let run = run();
        run.end(|interest| {
            assert_eq!(interest, Interest::Wanted);
            cancelled()
        });
        run.end(|_| panic!("the second ending is not even asked for"));
        run.begin();
        run.event(RunEvent::MessageDelta {
            delta: "late".to_owned(),
        });
        assert_eq!(frames(&run), 1);
        assert_eq!(run.describe()["status"], "cancelled");
    }
}

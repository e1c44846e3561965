//! Where runs are taken in, driven to their end, and brought to one when the gateway goes down. Knows no HTTP.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::idempotency::IdempotencyKey;
use super::refusal::Refusal;
use super::request::RunRequest;
use super::run::{Interest, Run, RunIdentity};
use super::runs::{Admitted, Runs};
use super::settings::GatewaySettings;
use crate::agent::{Agent, Turn};
use crate::failure::{Failure, FailureCode};
use crate::halt::Halt;
use crate::lifecycle::LifecycleFact;
use crate::outcome::{Outcome, Usage};
use crate::terminal::truthful;

/// The gateway without its HTTP.
pub(super) struct Desk {
    pub(super) settings: GatewaySettings,
    pub(super) runs: Runs,
    agent: Arc<Agent>,
    tasks: TaskTracker,
    /// Gives up runs that do not end although they were asked to.
    sever: CancellationToken,
}

impl Desk {
    pub(super) fn new(agent: Arc<Agent>, settings: GatewaySettings) -> Self {
        Self {
            runs: Runs::new(settings.runs),
            settings,
            agent,
            tasks: TaskTracker::new(),
            sever: CancellationToken::new(),
        }
    }

    /// Seconds since 1970.
    pub(super) fn unix_seconds(&self) -> f64 {
        self.agent.clock().unix_seconds()
    }

    /// Whether one more reader may listen to the run.
    pub(super) fn admits_to(&self, run: &Run) -> bool {
        self.agent.seams().audience.admits(run.count_reader())
    }

    /// Takes a run in and starts it, unless the request repeats one.
    pub(super) fn start_run(
        self: &Arc<Self>,
        request: RunRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<Admitted, Refusal> {
        let run_id = self.agent.ids().run_id();
        let turn = Turn {
            session_id: request.session_id.unwrap_or_else(|| run_id.clone()),
            run_id,
            input: request.input,
            history: request.history,
            instructions: request.instructions,
            model: request.model,
        };
        let admitted = self.runs.admit(key, || self.describe(&turn))?;
        if let Admitted::New(run) = &admitted {
            let desk = Arc::clone(self);
            self.tasks.spawn(desk.drive(Arc::clone(run), turn));
        }
        Ok(admitted)
    }

    /// Waits until no run is under way. Nothing new is admitted from now on.
    pub(super) async fn drain(&self) {
        self.runs.drain();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Asks every run that is left to end.
    pub(super) fn abandon_runs(&self) {
        for run in self.runs.under_way() {
            run.abandon();
        }
    }

    /// Gives up every run that is left, and waits until its task is gone.
    pub(super) async fn give_up_runs(&self) {
        self.sever.cancel();
        self.drain().await;
    }

    fn describe(&self, turn: &Turn) -> Run {
        let model = turn.model.as_ref().unwrap_or(&self.agent.config().model);
        let identity = RunIdentity {
            id: turn.run_id.clone(),
            session_id: turn.session_id.clone(),
            model: model.clone(),
        };
        Run::new(identity, Arc::clone(self.agent.clock()), self.settings.log)
    }

    async fn drive(self: Arc<Self>, run: Arc<Run>, turn: Turn) {
        let watch = EndingWatch {
            desk: Arc::clone(&self),
            run: Arc::clone(&run),
        };
        run.begin();
        let sink = Arc::clone(&run);
        tokio::select! {
            biased;
            outcome = self.agent.run_turn(turn, sink, run.stop.clone()) => watch.end(outcome),
            () = self.sever.cancelled() => {}
        }
    }
}

/// Sees to it that a run has an ending, whatever becomes of the task that drives it.
struct EndingWatch {
    desk: Arc<Desk>,
    run: Arc<Run>,
}

impl EndingWatch {
    fn end(&self, outcome: Outcome) {
        let seams = self.desk.agent.seams();
        self.run.end(|interest| {
            let halt = Halt::new(self.run.stop.clone(), CancellationToken::new(), None);
            let outcome = match (interest, outcome) {
                // The agent may have finished before the stop that was acknowledged since.
                (Interest::Stopped, outcome) => {
                    let usage = usage_of(&outcome);
                    seams.interruption.settle(&halt, outcome, usage)
                }
                // The user did not cancel this run, so it is not told as cancelled.
                (Interest::Abandoned, Outcome::Cancelled { usage }) => gone_down(usage),
                (_, outcome) => outcome,
            };
            seams.terminal_event.events(&outcome)
        });
    }
}

impl Drop for EndingWatch {
    fn drop(&mut self) {
        let panicked = std::thread::panicking();
        // Without the seams: what they do has just failed, or is not to be waited for.
        self.run
            .end(|interest| vec![truthful(&lost(interest, panicked))]);
        if panicked {
            let message = "the task of a run panicked".to_owned();
            let fact = LifecycleFact::BackgroundFailure { message };
            self.desk.agent.log().fact(fact);
        }
    }
}

/// The ending of a run whose task ended without one.
fn lost(interest: Interest, panicked: bool) -> Outcome {
    let usage = Usage::default();
    match interest {
        Interest::Stopped => Outcome::Cancelled { usage },
        _ if panicked => Outcome::Failed {
            failure: Failure::new(FailureCode::Internal, "the agent made a mistake of its own"),
            usage,
        },
        _ => gone_down(usage),
    }
}

fn gone_down(usage: Usage) -> Outcome {
    let message = "the gateway went down before the run had finished";
    Outcome::Failed {
        failure: Failure::new(FailureCode::ShuttingDown, message),
        usage,
    }
}

fn usage_of(outcome: &Outcome) -> Usage {
    match outcome {
        Outcome::Completed { usage, .. }
        | Outcome::Failed { usage, .. }
        | Outcome::Cancelled { usage } => *usage,
    }
}

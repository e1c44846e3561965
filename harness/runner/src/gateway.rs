//! Drives a target through the runs API: the same for an embedded target and for a server of its own process.

pub(crate) mod client;
mod event;
mod listener;
mod sse;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use journal::{Fact, Record};
use scenario::PlannedRun;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::case_log::CaseLog;
use crate::gateway::client::{RunsClient, Submission};
use crate::gateway::listener::{FollowedRun, Listener};
use crate::lifecycle::Intake;

/// How long a client that is to leave waits until it listens at all.
const LISTENING_WITHIN: Duration = Duration::from_secs(10);

/// The clients of one case.
pub(crate) struct GatewayClients {
    log: Arc<CaseLog>,
    intake: Arc<Intake>,
    client: RunsClient,
    runs: BTreeMap<u32, Conversation>,
}

struct Conversation {
    run: FollowedRun,
    listening: Option<Listening>,
}

/// Somebody who listens, or asks.
struct Listening {
    /// The last record before this began.
    since: u64,
    leave: CancellationToken,
    task: JoinHandle<()>,
}

impl Listening {
    /// Ends it, and waits until nothing of it is left.
    async fn leave(self) {
        self.leave.cancel();
        // A listener that panicked has recorded all it could; its panic is not the target's.
        let _ = self.task.await;
    }
}

impl GatewayClients {
    /// Clients of the gateway that `client` reaches.
    pub(crate) fn new(log: Arc<CaseLog>, intake: Arc<Intake>, client: RunsClient) -> Self {
        let runs = BTreeMap::new();
        Self {
            log,
            intake,
            client,
            runs,
        }
    }

    /// Submits a turn and begins to listen. Returns once the target has taken it or refused it.
    pub(crate) async fn say(&mut self, planned: &PlannedRun) {
        let run = planned.run;
        self.intake.submitting();
        let submission = self.client.submit(&planned.text, &planned.session).await;
        match submission {
            Submission::Accepted(id) => {
                self.log.aliases.add(id.as_str(), format!("run-{run}"));
                self.log.client(run, Fact::RunAccepted);
                self.intake.submitted(run, Some(&id));
                let run = FollowedRun { run, id };
                let listening = Some(self.listen(&run));
                self.runs.insert(run.run, Conversation { run, listening });
            }
            Submission::Refused { status, message } => {
                let message = self.log.shown(Some(run), "refusal", &message);
                self.log.client(run, Fact::RunRefused { status, message });
                self.intake.submitted(run, None);
            }
        }
    }

    /// Asks for a run to be stopped. A run that was never accepted has no id to stop it by.
    pub(crate) async fn stop(&self, run: u32) {
        let Some(conversation) = self.runs.get(&run) else {
            return;
        };
        self.log.client(run, Fact::StopRequested);
        if let Some(status) = self.client.stop(&conversation.run.id).await {
            self.log.client(run, Fact::StopAnswered { status });
        }
    }

    /// Leaves a run's events in the middle; the connection is closed when this returns.
    pub(crate) async fn disconnect(&mut self, run: u32) {
        let Some(conversation) = self.runs.get_mut(&run) else {
            return;
        };
        if let Some(Listening { since, .. }) = &conversation.listening {
            let listens = |fresh: &[Record]| listens(fresh, run, *since).then_some(());
            self.log.wait(LISTENING_WITHIN, listens).await;
        }
        self.log.client(run, Fact::Disconnected);
        if let Some(listening) = conversation.listening.take() {
            listening.leave().await;
        }
    }

    /// Listens to a run's events again.
    pub(crate) async fn reconnect(&mut self, run: u32) {
        let Some(conversation) = self.runs.get_mut(&run) else {
            return;
        };
        if let Some(listening) = conversation.listening.take() {
            listening.leave().await;
        }
        let run = conversation.run.clone();
        let listening = begin(&self.log, self.listener().follow_again(run.clone()));
        if let Some(conversation) = self.runs.get_mut(&run.run) {
            conversation.listening = Some(listening);
        }
    }

    /// Whoever left a run for good still wants to know how it ended: from here on its status is asked for.
    pub(crate) fn ask_for_the_rest(&mut self) {
        for conversation in self.runs.values_mut() {
            if conversation.listening.is_some() {
                continue;
            }
            let run = conversation.run.clone();
            let listener = Listener {
                log: self.log.clone(),
                client: self.client.clone(),
            };
            let asking = async move { listener.ask(&run).await };
            conversation.listening = Some(begin(&self.log, asking));
        }
    }

    /// Nobody listens any longer, and nothing of the clients is left.
    pub(crate) async fn leave(self) {
        for (_, conversation) in self.runs {
            if let Some(listening) = conversation.listening {
                listening.leave().await;
            }
        }
    }

    fn listen(&self, run: &FollowedRun) -> Listening {
        begin(&self.log, self.listener().follow(run.clone()))
    }

    fn listener(&self) -> Listener {
        Listener {
            log: self.log.clone(),
            client: self.client.clone(),
        }
    }
}

/// Whether the client of `run` has begun to listen after this record, or could not.
fn listens(fresh: &[Record], run: u32, since: u64) -> bool {
    let later = fresh.iter().filter(|record| record.seq > since);
    let mut of_run = later.filter(|record| record.run == Some(run));
    of_run.any(|record| matches!(record.fact, Fact::Subscribed | Fact::EventsEnded { .. }))
}

/// Lets something go on until it is over or left; when it is left, its connection is closed at once.
fn begin(log: &CaseLog, going_on: impl Future<Output = ()> + Send + 'static) -> Listening {
    let since = log.recorder.with(|records| records.len() as u64);
    let leave = CancellationToken::new();
    let left = leave.clone();
    let task = tokio::spawn(async move {
        tokio::select! {
            biased;
            () = left.cancelled() => {}
            () = going_on => {}
        }
    });
    Listening { since, leave, task }
}

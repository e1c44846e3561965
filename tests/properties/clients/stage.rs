//! Clients of a real registry over real sockets: takes the steps, and looks whether every claim still holds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest_state_machine::ReferenceStateMachine;
use reference_agent::config::{AgentConfig, Dialect, Secret};
use reference_agent::lifecycle::{ClientRole, LifecycleFact, LifecycleLog};
use reference_agent::provider::models_request;
use reference_agent::registry::{
    Bench, ClientLease, Closer, Incoming, Outgoing, Registry, SendError, TransportPlan,
};
use reference_agent::runtime::RuntimeMark;
use reference_agent::seams::Seams;

use super::account::Account;
use super::claim::{Broken, Claim};
use super::model::{Model, Step};
use super::provider::{Provider, Wish};

/// How long a stream must be silent to be known to be still going.
const A_MOMENT: Duration = Duration::from_millis(1);

/// Longer than any pool keeps an idle connection.
const IDLE: Duration = Duration::from_secs(200);

/// What the clients tell of themselves.
#[derive(Default)]
struct Facts(Mutex<Vec<LifecycleFact>>);

impl LifecycleLog for Facts {
    fn fact(&self, fact: LifecycleFact) {
        self.0.lock().unwrap().push(fact);
    }
}

/// A leased client, and the answers that it has in flight. They go before the lease, as they would with a request.
struct Leased {
    held: Vec<Incoming>,
    lease: ClientLease,
}

/// Everything of one case but its runtime.
pub(crate) struct Stage {
    registry: Arc<Registry>,
    leased: Vec<Leased>,
    /// The primary that should still be the one.
    primary: String,
    provider: Provider,
    facts: Arc<Facts>,
    broken: Vec<Broken>,
}

impl Stage {
    pub(crate) async fn set(seams: Seams) -> Self {
        let provider = Provider::start().await;
        let facts = Arc::new(Facts::default());
        let config = AgentConfig {
            base_url: provider.base_url(),
            ..AgentConfig::default()
        };
        let bench = Bench::new(
            RuntimeMark::new("main"),
            facts.clone(),
            seams.config_source,
            Arc::new(config),
        );
        let registry = Registry::new(Arc::new(bench), seams.client_factory, plan()).unwrap();
        let primary = registry.usable_primary().unwrap();
        Self {
            primary: primary.card().client().to_owned(),
            registry,
            leased: Vec::new(),
            provider,
            facts,
            broken: Vec::new(),
        }
    }

    /// The claims that turned out false so far.
    pub(crate) fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Takes a step, and looks at everything that it should have left alone.
    pub(crate) async fn take(&mut self, step: Step, expected: &Model) {
        match step {
            Step::Build(role) => self.build(role),
            Step::Close(number) => self.close(number).await,
            Step::Send(number) => self.send(number).await,
            Step::Hold(number) => self.hold(number).await,
            Step::Abort(number) => self.abort(number).await,
            // Every look asks the primary.
            Step::AskPrimary => {}
            Step::AbortPrimary => self.abort_primary().await,
            Step::ReplacePrimary => self.replace_primary(),
            Step::Shutdown => self.shutdown().await,
        }
        self.look(expected).await;
    }

    /// Ends everything that is left, and counts.
    pub(crate) async fn end(mut self, expected: Model) -> Vec<Broken> {
        let expected = Model::apply(expected, &Step::Shutdown);
        self.take(Step::Shutdown, &expected).await;
        self.leased.clear();
        let mut seen = self.provider.seen();
        let gone = seen.until(|seen| seen.connections() == 0).await;
        self.claim(Claim::NothingLeft, gone, || {
            format!("{} connections are left", seen.connections())
        });
        let Self {
            registry,
            provider,
            broken,
            ..
        } = self;
        drop(registry);
        provider.shutdown().await;
        tokio::time::sleep(IDLE).await;
        let tasks = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        let mut broken = broken;
        if tasks > 0 {
            let seen = format!("{tasks} tasks are left");
            let claim = Claim::NothingLeft;
            broken.push(Broken { claim, seen });
        }
        broken
    }

    fn build(&mut self, role: ClientRole) {
        if let Ok(lease) = self.registry.lease(role, plan()) {
            let held = Vec::new();
            self.leased.push(Leased { held, lease });
        }
    }

    async fn close(&mut self, number: usize) {
        let Some(chosen) = Model::chosen(number, self.leased.len()) else {
            return;
        };
        let Leased { held, lease } = self.leased.remove(chosen);
        drop(lease);
        self.ended(held).await;
    }

    async fn shutdown(&mut self) {
        self.registry.close();
        let leased = self.leased.iter_mut();
        let held: Vec<_> = leased.flat_map(|leased| leased.held.drain(..)).collect();
        self.ended(held).await;
    }

    /// Whoever reads these answers is told that their client was closed.
    async fn ended(&mut self, answers: Vec<Incoming>) {
        for mut answer in answers {
            let end = answer.chunk().await;
            let closed = matches!(end, Err(SendError::Closed));
            self.claim(Claim::EndReachesSocket, closed, || {
                format!("an answer of a closed client went on: {end:?}")
            });
        }
    }

    async fn send(&mut self, number: usize) {
        if let Some(chosen) = Model::chosen(number, self.leased.len()) {
            // A closed client refuses, and tells it; an open one is asked again with all the others.
            drop(self.answer(chosen).await);
        }
    }

    async fn hold(&mut self, number: usize) {
        let Some(chosen) = Model::chosen(number, self.leased.len()) else {
            return;
        };
        let client = self.leased[chosen].lease.client();
        let begun = client.send(self.provider.request(Wish::Half)).await;
        if let Ok(answer) = begun {
            self.leased[chosen].held.push(answer);
        }
    }

    async fn abort(&mut self, number: usize) {
        let Some(chosen) = Model::chosen(number, self.leased.len()) else {
            return;
        };
        let mut seen = self.provider.seen();
        let before = seen.requests();
        let client = self.leased[chosen].lease.client();
        tokio::select! {
            biased;
            _refused = client.send(self.provider.request(Wish::Silence)) => {}
            _given_up = seen.until(|seen| seen.requests() > before) => {}
        }
    }

    async fn abort_primary(&mut self) {
        let Ok(primary) = self.registry.usable_primary() else {
            return;
        };
        let base_url = self.provider.base_url();
        tokio::select! {
            biased;
            _answered = primary.models(models(&base_url)) => {}
            () = tokio::task::yield_now() => {}
        }
    }

    fn replace_primary(&mut self) {
        let Ok(old) = self.registry.usable_primary() else {
            return;
        };
        old.close(Closer::Owner);
        if let Ok(fresh) = self.registry.usable_primary() {
            self.primary = fresh.card().client().to_owned();
        }
    }

    async fn look(&mut self, expected: &Model) {
        let count = self.leased.len() == expected.leased.len();
        self.claim(Claim::AllClosedAfterShutdown, count, || {
            "a closed registry made a client, or an open one did not".to_owned()
        });
        if !expected.is_shut {
            self.look_at_primary().await;
            self.look_at_leased().await;
        }
        let held: usize = expected.leased.iter().map(|leased| leased.held).sum();
        let mut seen = self.provider.seen();
        let ended = seen.until(|seen| seen.in_flight() == held).await;
        self.claim(Claim::EndReachesSocket, ended, || {
            format!("{} answers are in flight, not {held}", seen.in_flight())
        });
        let open = if expected.is_shut {
            0
        } else {
            expected.leased.len() + 1
        };
        let account = Account::of(&self.facts.0.lock().unwrap());
        self.broken
            .extend(account.broken(expected, (open, self.registry.open_clients())));
    }

    async fn look_at_primary(&mut self) {
        let primary = self.registry.usable_primary().unwrap();
        let (wanted, name) = (self.primary.clone(), primary.card().client());
        self.claim(Claim::PrimarySurvives, name == wanted, || {
            format!("{name} had to take the place of {wanted}")
        });
        let answer = primary.models(models(&self.provider.base_url())).await;
        let read = match answer {
            Ok(answer) => whole(answer).await,
            Err(error) => Err(error),
        };
        self.claim(Claim::PrimarySurvives, read.is_ok(), || {
            format!("the primary cannot send: {read:?}")
        });
    }

    async fn look_at_leased(&mut self) {
        for chosen in 0..self.leased.len() {
            let read = self.answer(chosen).await;
            let name = self.leased[chosen]
                .lease
                .client()
                .card()
                .client()
                .to_owned();
            self.claim(Claim::SiblingsUnaffected, read.is_ok(), || {
                format!("{name} cannot send: {read:?}")
            });
            let ended = self.ended_of(chosen).await;
            self.claim(Claim::SiblingsUnaffected, ended.is_none(), || {
                format!("an answer of {name} has ended: {ended:?}")
            });
        }
    }

    /// How one of the answers that a client has in flight has ended, or nothing if all are still going.
    async fn ended_of(&mut self, chosen: usize) -> Option<String> {
        for answer in &mut self.leased[chosen].held {
            let ended = end_of(answer).await;
            if ended.is_some() {
                return ended;
            }
        }
        None
    }

    /// Sends a request over a leased client and reads its answer to the end.
    async fn answer(&self, chosen: usize) -> Result<(), SendError> {
        let client = self.leased[chosen].lease.client();
        whole(client.send(self.provider.request(Wish::Answer)).await?).await
    }

    fn claim(&mut self, claim: Claim, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            let seen = seen();
            self.broken.push(Broken { claim, seen });
        }
    }
}

async fn whole(mut answer: Incoming) -> Result<(), SendError> {
    assert_eq!(answer.status(), 200, "the provider accepts what it is sent");
    while answer.chunk().await?.is_some() {}
    Ok(())
}

/// How a stream has ended, or nothing if it is still going.
async fn end_of(answer: &mut Incoming) -> Option<String> {
    loop {
        match tokio::time::timeout(A_MOMENT, answer.chunk()).await {
            Err(_still_going) => return None,
            Ok(Ok(Some(_early_bytes))) => {}
            Ok(Ok(None)) => return Some("as if it were whole".to_owned()),
            Ok(Err(error)) => return Some(error.to_string()),
        }
    }
}

fn models(base_url: &str) -> Outgoing {
    models_request(Dialect::OpenaiChat, base_url, &Secret::new("sk-any"))
}

fn plan() -> TransportPlan {
    TransportPlan {
        unix_socket: None,
        connect: Duration::from_secs(2),
        tls: false,
        ca_file: None,
    }
}

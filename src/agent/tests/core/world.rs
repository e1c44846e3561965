//! One agent, its provider, its home and everything it tells.

use std::sync::{Arc, Mutex};

use reference_agent::agent::{Agent, AgentParts, Turn};
use reference_agent::clock::SystemClock;
use reference_agent::config::{AgentConfig, Secret};
use reference_agent::event::{EventSink, RunEvent};
use reference_agent::halt::StopSignal;
use reference_agent::ids::SeededIds;
use reference_agent::lifecycle::{LifecycleFact, LifecycleLog};
use reference_agent::outcome::Outcome;
use reference_agent::runtime::ToolRuntime;
use reference_agent::seams::Seams;

use crate::provider::{Act, Provider};

pub(crate) const KEY: &str = "sk-canary-0123456789";

#[derive(Default)]
pub(crate) struct Facts(Mutex<Vec<LifecycleFact>>);

impl LifecycleLog for Facts {
    fn fact(&self, fact: LifecycleFact) {
        self.0.lock().unwrap().push(fact);
    }
}

impl Facts {
    pub(crate) fn all(&self) -> Vec<LifecycleFact> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, wanted: impl Fn(&LifecycleFact) -> bool) -> usize {
        self.all().iter().filter(|fact| wanted(fact)).count()
    }
}

#[derive(Default)]
pub(crate) struct Events(Mutex<Vec<RunEvent>>);

impl EventSink for Events {
    fn event(&self, event: RunEvent) {
        self.0.lock().unwrap().push(event);
    }
}

impl Events {
    pub(crate) fn all(&self) -> Vec<RunEvent> {
        self.0.lock().unwrap().clone()
    }

    /// The text as a reader sees it who drops what was superseded.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for event in self.all() {
            match event {
                RunEvent::MessageDelta { delta } => text.push_str(&delta),
                RunEvent::MessageSuperseded { text: void } => {
                    let kept = text
                        .strip_suffix(void.as_str())
                        .expect("only what was said last is superseded");
                    text.truncate(kept.len());
                }
                _ => {}
            }
        }
        text
    }
}

pub(crate) struct World {
    pub(crate) agent: Arc<Agent>,
    pub(crate) provider: Provider,
    pub(crate) facts: Arc<Facts>,
    pub(crate) events: Arc<Events>,
    pub(crate) home: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new(script: Vec<Vec<Act>>) -> Self {
        Self::with(script, |_| {}, Seams::default()).await
    }

    pub(crate) async fn with(
        script: Vec<Vec<Act>>,
        change: impl FnOnce(&mut AgentConfig),
        seams: Seams,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let provider = Provider::start(script).await;
        let facts = Arc::new(Facts::default());
        let agent = start(&home, &provider, change, (seams, Arc::clone(&facts)));
        Self {
            agent,
            provider,
            facts,
            events: Arc::default(),
            home,
        }
    }

    pub(crate) async fn say(&self, input: &str) -> Outcome {
        self.say_until(input, StopSignal::new()).await
    }

    pub(crate) async fn say_until(&self, input: &str, stop: StopSignal) -> Outcome {
        self.agent
            .run_turn(turn("session", input), self.events.clone(), stop)
            .await
    }

    pub(crate) fn ledger(&self) -> String {
        std::fs::read_to_string(self.home.path().join("ledger")).unwrap_or_default()
    }

    /// The messages of the n-th request, from 0, as (role, content).
    pub(crate) fn messages(&self, request: usize) -> Vec<(String, String)> {
        let body = self.provider.seen().bodies[request].clone();
        let messages = body["messages"].as_array().unwrap().iter();
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        messages
            .map(|message| (word(&message["role"]), word(&message["content"])))
            .collect()
    }
}

pub(crate) fn start(
    home: &tempfile::TempDir,
    provider: &Provider,
    change: impl FnOnce(&mut AgentConfig),
    (seams, facts): (Seams, Arc<Facts>),
) -> Arc<Agent> {
    std::fs::create_dir_all(home.path().join("workspace")).unwrap();
    let mut config = AgentConfig {
        base_url: provider.base_url.clone(),
        api_key: Secret::new(KEY),
        workspace: home.path().join("workspace"),
        ledger: home.path().join("ledger"),
        ..AgentConfig::default()
    };
    change(&mut config);
    let parts = AgentParts {
        log: facts,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SeededIds::new(1)),
        seams,
        tool_runtime: ToolRuntime::inline(),
    };
    Agent::start(Arc::new(config), parts).unwrap()
}

pub(crate) fn turn(session: &str, input: &str) -> Turn {
    Turn {
        run_id: "run_1".to_owned(),
        session_id: session.to_owned(),
        input: input.to_owned(),
        history: None,
        instructions: None,
        model: None,
    }
}

/// The output of a run that must have completed.
pub(crate) fn output(outcome: Outcome) -> String {
    match outcome {
        Outcome::Completed { output, .. } => output,
        other => panic!("the run did not complete: {other:?}"),
    }
}

/// The failure of a run that must have failed.
pub(crate) fn failure(outcome: Outcome) -> reference_agent::failure::Failure {
    match outcome {
        Outcome::Failed { failure, .. } => failure,
        other => panic!("the run did not fail: {other:?}"),
    }
}

//! A provider, its journal, and a client: what every test here begins with.

use std::sync::Arc;

use fake_provider::{Dialect, FakeProvider, Listen, ProviderOptions};
use journal::{Fact, FaultOutcome, Record, Recorder};
use provider_script::Script;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

pub(crate) struct World {
    pub(crate) provider: FakeProvider,
    pub(crate) recorder: Recorder,
    pub(crate) client: reqwest::Client,
    changed: Arc<Notify>,
}

pub(crate) fn script(text: &str) -> Script {
    Script::parse(text).expect("is a script")
}

pub(crate) fn says(script_text: &str) -> ProviderOptions {
    ProviderOptions {
        script: script(script_text),
        ..ProviderOptions::default()
    }
}

/// Options of a provider that speaks this dialect alone.
pub(crate) fn speaks(dialect: Dialect, script_text: &str) -> ProviderOptions {
    ProviderOptions {
        dialect: Some(dialect),
        ..says(script_text)
    }
}

pub(crate) fn client() -> reqwest::Client {
    client_builder().build().expect("is a client")
}

pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    // Plain HTTP, and yet reqwest wants to know the cryptography; another test may have said it first.
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .retry(reqwest::retry::never())
}

impl World {
    pub(crate) async fn start(options: ProviderOptions) -> Self {
        let started = Instant::now();
        let changed = Arc::new(Notify::new());
        let wake = Arc::clone(&changed);
        let recorder = Recorder::new(
            Arc::new(move || started.elapsed()),
            Arc::new(move || wake.notify_waiters()),
        );
        let provider = FakeProvider::start(options, Listen::loopback(), recorder.clone()).await;
        Self {
            provider: provider.expect("listens"),
            recorder,
            client: client(),
            changed,
        }
    }

    pub(crate) async fn script(text: &str) -> Self {
        Self::start(says(text)).await
    }

    /// The address of a path that begins at the root.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.provider.root_url())
    }

    pub(crate) fn post(&self, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("{}/chat/completions", self.provider.base_url());
        self.client.post(url).json(body)
    }

    /// Waits until `wanted` is recorded.
    pub(crate) async fn recorded(&self, wanted: impl Fn(&Fact) -> bool) -> Record {
        self.until(|records| records.iter().find(|record| wanted(&record.fact)).cloned())
            .await
    }

    /// Waits until `look` finds something in the records, with a bound.
    pub(crate) async fn until<T>(&self, look: impl Fn(&[Record]) -> Option<T>) -> T {
        for _ in 0..500 {
            let changed = self.changed.notified();
            if let Some(found) = self.recorder.with(&look) {
                return found;
            }
            let bound = std::time::Duration::from_millis(20);
            let _ = tokio::time::timeout(bound, changed).await;
        }
        panic!("was not recorded: {:#?}", self.facts());
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        let all = |records: &[Record]| records.iter().map(|record| record.fact.clone()).collect();
        self.recorder.with(all)
    }

    /// The outcomes of all faults so far, with their entries.
    pub(crate) fn outcomes(&self) -> Vec<(usize, FaultOutcome)> {
        let facts = self.facts().into_iter();
        let faults = facts.filter_map(|fact| match fact {
            Fact::Fault { entry, outcome, .. } => Some((entry, outcome)),
            _ => None,
        });
        faults.collect()
    }
}

pub(crate) fn asks(text: &str) -> Value {
    json!({"model": "fake-model", "messages": [{"role": "user", "content": text}]})
}

pub(crate) fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body
}

/// The data of a stream's events, and whether it ended with the marker.
pub(crate) fn events(text: &str) -> (Vec<Value>, bool) {
    let mut events = Vec::new();
    let mut done = false;
    for event in text.split_terminator("\n\n") {
        let data = event.strip_prefix("data: ").expect("is an event");
        match data {
            "[DONE]" => done = true,
            data => events.push(serde_json::from_str(data).expect("is JSON")),
        }
    }
    (events, done)
}

//! One gateway over one agent over one scripted provider, and a client of the gateway. Everything on the test's runtime.

use std::sync::Arc;
use std::time::Duration;

use reference_agent::agent::{Agent, AgentParts};
use reference_agent::config::{AgentConfig, Secret};
use reference_agent::gateway::{Gateway, GatewaySettings, Listener};
use reference_agent::runtime::ToolRuntime;
use reference_agent::seams::Seams;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::provider::{Provider, Reply};

pub(crate) const KEY: &str = "a-gateway-key-of-24-char";
pub(crate) const PROVIDER_KEY: &str = "sk-canary-0123456789";

/// The whole thing.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) client: reqwest::Client,
    pub(crate) address: String,
    agent: Arc<Agent>,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

/// An agent whose tools run inline and whose patience fits a test.
pub(crate) fn agent(config: AgentConfig, seams: Seams) -> Arc<Agent> {
    let parts = AgentParts {
        seams,
        tool_runtime: ToolRuntime::inline(),
        ..AgentParts::production().unwrap()
    };
    Agent::start(Arc::new(config), parts).unwrap()
}

pub(crate) fn config(base_url: &str) -> AgentConfig {
    let mut config = AgentConfig {
        base_url: base_url.to_owned(),
        api_key: Secret::new(PROVIDER_KEY),
        ..AgentConfig::default()
    };
    config.retry.backoff_base = Duration::from_millis(1);
    config
}

pub(crate) fn settings() -> GatewaySettings {
    GatewaySettings::new(Secret::new(KEY)).unwrap()
}

/// A client that never reuses a connection, so that a test that counts connections counts its own.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // Plain HTTP, and yet reqwest wants to know the cryptography; another test may have said it first.
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
}

impl World {
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        Self::start_with(replies, settings()).await
    }

    pub(crate) async fn start_with(replies: Vec<Reply>, settings: GatewaySettings) -> Self {
        Self::start_altered(replies, settings, Seams::default()).await
    }

    pub(crate) async fn start_altered(
        replies: Vec<Reply>,
        settings: GatewaySettings,
        seams: Seams,
    ) -> Self {
        let provider = Provider::tcp(replies).await;
        let agent = agent(config(&provider.base_url), seams);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let gateway = Gateway::new(Arc::clone(&agent), settings);
        let shutdown = CancellationToken::new();
        let token = shutdown.clone();
        let serving =
            tokio::spawn(async move { gateway.serve(Listener::Tcp(listener), token).await });
        let client = client().build().unwrap();
        Self {
            provider,
            client,
            address,
            agent,
            shutdown,
            serving,
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client
            .get(format!("{}{path}", self.address))
            .bearer_auth(KEY)
    }

    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}{path}", self.address))
            .bearer_auth(KEY)
    }

    /// Starts a run and returns its id.
    pub(crate) async fn run(&self, input: &str) -> String {
        let response = self
            .post("/v1/runs")
            .json(&json!({ "input": input }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 202);
        let told: Value = response.json().await.unwrap();
        assert_eq!(told["status"], "started");
        told["run_id"].as_str().unwrap().to_owned()
    }

    /// Everything a subscriber of that run gets, from now until the stream is closed.
    pub(crate) async fn events(&self, run: &str) -> Vec<Value> {
        let response = self
            .get(&format!("/v1/runs/{run}/events"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let read = tokio::time::timeout(Duration::from_secs(20), response.text());
        parse(&read.await.expect("the stream ends").unwrap())
    }

    pub(crate) async fn status(&self, run: &str) -> Value {
        let response = self.get(&format!("/v1/runs/{run}")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    pub(crate) fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    /// Shuts everything down; afterwards the test's runtime must be empty.
    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        let ended = async {
            self.serving.await.unwrap();
            self.agent.shutdown().await;
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), ended).await;
        ended.expect("gateway and agent go down in time");
        self.provider.close().await;
    }
}

/// The events of a stream that was read to its end.
pub(crate) fn parse(stream: &str) -> Vec<Value> {
    let frames = stream.strip_suffix(": stream closed\n\n");
    let frames = frames.unwrap_or_else(|| panic!("the stream was cut: {stream}"));
    let data = frames
        .split_terminator("\n\n")
        .filter_map(|frame| frame.strip_prefix("data: "));
    data.map(|json| serde_json::from_str(json).unwrap())
        .collect()
}

/// The names of events, in order.
pub(crate) fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect()
}

/// The text of all deltas.
pub(crate) fn text(events: &[Value]) -> String {
    events
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect()
}

//! A client of the runs API: submit, listen, ask, stop. Knows HTTP, and neither runs' numbers nor the journal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};

use crate::error::RunError;

/// Where a target's gateway listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayAddress {
    /// On a port.
    Tcp(SocketAddr),
    /// On a Unix socket.
    Unix(PathBuf),
}

/// How long the target may take to answer anything but a stream of events.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Most bytes of an answer that is not a stream of events. A body without an end has to end somewhere.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Only plain HTTP is spoken here, so no server is trusted, and nobody reads this machine's certificates.
static NO_TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of every default version")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
});

/// A client with its key. Cheap to clone; no connection is kept, so nothing of it outlives a request.
#[derive(Debug, Clone)]
pub(crate) struct RunsClient {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Submission {
    /// Taken, under this id.
    Accepted(String),
    /// Not taken.
    Refused {
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// What was said.
        message: String,
    },
}

impl RunsClient {
    /// A client for this gateway.
    pub(crate) fn new(address: &GatewayAddress, key: &str) -> Result<Self, RunError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .tls_backend_preconfigured(NO_TLS.clone());
        let (builder, base) = match address {
            GatewayAddress::Tcp(address) => (builder, format!("http://{address}")),
            GatewayAddress::Unix(path) => (
                builder.unix_socket(path.as_path()),
                "http://gateway".to_owned(),
            ),
        };
        let http = builder.build().map_err(|error| RunError::Machine {
            what: "the client of the gateway",
            message: error.to_string(),
        })?;
        let key = key.to_owned();
        Ok(Self { http, base, key })
    }

    /// Whether the gateway answers this path with success, or else what it did instead.
    pub(crate) async fn is_ready(&self, path: &str) -> Result<(), String> {
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request.timeout(Duration::from_secs(2)).send().await;
        match answer.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(format!("GET {path} answered {}", status.as_u16())),
            Err(error) if error.is_timeout() => Err(format!("GET {path} was not answered")),
            Err(error) if error.is_connect() => Err(format!("nothing listens at {}", self.base)),
            Err(error) => Err(format!("GET {path}: {}", chain(&error))),
        }
    }

    /// Gives the target a turn.
    pub(crate) async fn submit(&self, text: &str, session: &str) -> Submission {
        let body = json!({ "input": text, "session_id": session });
        let request = self.http.post(format!("{}/v1/runs", self.base)).json(&body);
        let (status, body) = match self.exchange(request).await {
            Ok(answer) => answer,
            Err(message) => {
                let status = None;
                return Submission::Refused { status, message };
            }
        };
        let id = body.get("run_id").and_then(Value::as_str);
        match id {
            Some(id) if (200..300).contains(&status) => Submission::Accepted(id.to_owned()),
            _ => Submission::Refused {
                status: Some(status),
                message: refusal(&body),
            },
        }
    }

    /// Asks for a run to be stopped; the HTTP status of the answer, if there was one.
    pub(crate) async fn stop(&self, id: &str) -> Option<u16> {
        let request = self.http.post(format!("{}/v1/runs/{id}/stop", self.base));
        self.exchange(request).await.ok().map(|(status, _)| status)
    }

    /// The run's status, if the gateway tells it.
    pub(crate) async fn status(&self, id: &str) -> Option<Value> {
        let request = self.http.get(format!("{}/v1/runs/{id}", self.base));
        let (status, body) = self.exchange(request).await.ok()?;
        (status == 200).then_some(body)
    }

    /// Listens to a run's events. No bound: a silent stream is the case's business.
    pub(crate) async fn events(&self, id: &str) -> Option<reqwest::Response> {
        let url = format!("{}/v1/runs/{id}/events", self.base);
        let request = self.http.get(url).bearer_auth(&self.key);
        let response = request.send().await.ok()?;
        response.status().is_success().then_some(response)
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<(u16, Value), String> {
        let request = request.bearer_auth(&self.key).timeout(ANSWER_WITHIN);
        let response = request.send().await.map_err(|error| chain(&error))?;
        let status = response.status().as_u16();
        let text = text(response).await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((status, body))
    }
}

/// The body of an answer, as far as it may go.
async fn text(mut response: reqwest::Response) -> Result<String, String> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| chain(&error))? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(format!("the answer goes on after {ANSWER_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn refusal(body: &Value) -> String {
    let message = body.pointer("/error/message").and_then(Value::as_str);
    let plain = || {
        body.as_str()
            .map_or_else(|| body.to_string(), str::to_owned)
    };
    let message = message.map_or_else(plain, str::to_owned);
    message.chars().take(2_000).collect()
}

/// The innermost cause of an error is the one that says something.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

//! One transport: connections to a provider, owned by one client and closed with it. Knows no dialect and no retries.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use tokio_util::sync::CancellationToken;

use super::bench::Bench;
use super::tls;
use crate::config::Secret;
use crate::failure::{Failure, FailureCode};

/// How a provider is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportPlan {
    /// Over this Unix socket, or else over the network.
    pub unix_socket: Option<PathBuf>,
    /// Longest time for a connection.
    pub connect: Duration,
    /// Whether the provider speaks TLS. Reading the machine's certificates takes long, so it is done only then.
    pub tls: bool,
    /// Certificates (PEM) of further authorities to trust, besides the machine's.
    pub ca_file: Option<PathBuf>,
}

/// The header that carries a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialHeader {
    /// `Authorization: Bearer …`.
    Bearer,
    /// The bare key under this name, in lower case.
    Key(&'static str),
}

/// A credential and how it is sent.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Where it goes.
    pub header: CredentialHeader,
    /// The credential; an empty one is not sent.
    pub key: Secret,
}

/// A request on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The credential.
    pub credential: Credential,
    /// Headers that the provider demands besides: lower-case names and their values.
    pub headers: &'static [(&'static str, &'static str)],
    /// What answers are wanted.
    pub accept: &'static str,
    /// Who asks, after the agent's own name.
    pub purpose: &'static str,
    /// The JSON body, if there is one.
    pub body: Option<Bytes>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The transport failed.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    /// The request cannot be written.
    #[error("the request cannot be written: {0}")]
    Unwritable(&'static str),
}

/// Connections to a provider.
pub struct Transport {
    id: String,
    http: Mutex<Option<reqwest::Client>>,
    closed: CancellationToken,
}

impl Transport {
    /// Opens a transport. No connection is made yet.
    ///
    /// # Errors
    /// The TLS certificates of this machine could not be read.
    pub fn open(bench: &Bench, plan: &TransportPlan) -> Result<Self, Failure> {
        let no_client = |error: &dyn std::fmt::Display| {
            let message = format!("no HTTP client could be made: {error}");
            Failure::new(FailureCode::Internal, message)
        };
        let tls = tls::config(plan).map_err(|error| no_client(&error))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .http1_only()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(plan.connect)
            .pool_idle_timeout(Duration::from_secs(30));
        if let Some(path) = &plan.unix_socket {
            builder = builder.unix_socket(path.clone());
        }
        let http = builder.build().map_err(|error| no_client(&error))?;
        Ok(Self {
            id: bench.next_transport(),
            http: Mutex::new(Some(http)),
            closed: CancellationToken::new(),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Closes it: what is in flight ends now, idle connections are released. Again is no different.
    pub fn close(&self) {
        self.closed.cancel();
        drop(
            self.http
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Sends a request and waits for the headers of its answer.
    ///
    /// # Errors
    /// The transport is or gets closed, or it failed.
    pub async fn send(&self, request: Outgoing) -> Result<Incoming, SendError> {
        let http = self
            .http
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(SendError::Closed)?;
        let mut sending = http
            .request(request.method.clone(), &request.url)
            .headers(headers(&request)?);
        if let Some(body) = request.body {
            sending = sending.body(body);
        }
        drop(http);
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(SendError::Closed),
            answer = sending.send() => Ok(Incoming { response: answer?, closed: self.closed.clone() }),
        }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.close();
    }
}

fn headers(request: &Outgoing) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::new();
    let Credential { header, key } = &request.credential;
    if !key.is_empty() {
        let (name, value) = match header {
            CredentialHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose())),
            CredentialHeader::Key(name) => (HeaderName::from_static(name), key.expose().to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| {
            SendError::Unwritable("the credential has characters that no header can carry")
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    for (name, value) in request.headers {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let agent = format!(
        "reference-agent/{} ({})",
        env!("CARGO_PKG_VERSION"),
        request.purpose
    );
    let agent = HeaderValue::from_str(&agent)
        .map_err(|_| SendError::Unwritable("the agent's name is no header"))?;
    headers.insert(USER_AGENT, agent);
    headers.insert(ACCEPT, HeaderValue::from_static(request.accept));
    if request.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(headers)
}

/// An answer on its way in. Dropping it closes its connection, unless it was read to its end.
#[derive(Debug)]
pub struct Incoming {
    response: reqwest::Response,
    closed: CancellationToken,
}

impl Incoming {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next bytes of the body, or nothing at its proper end.
    ///
    /// # Errors
    /// The transport gets closed, or it failed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, SendError> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(SendError::Closed),
            chunk = self.response.chunk() => Ok(chunk?),
        }
    }
}

//! The admin API: a second port through which a test arms a provider, asks what it saw, and ends it. Speaks JSON and nothing of
//! any dialect; everything that it does, it does to the namespaces.
//!
//! - `guard`: who may ask; `refusal`: what an error looks like
//! - `namespaces`: their scripts, resets and faults; `records`: what was recorded; `verify`, `matching`: how often

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod given;
mod guard;
mod matching;
mod namespaces;
mod records;
mod refusal;
mod verify;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::metrics::exposition;
use crate::mistakes::BadScript;
use crate::namespaces::Namespaces;
use crate::provider::FakeProvider;
use guard::Guard;
use refusal::Refusal;

/// A script may be so long.
const SCRIPT_MAX: usize = 8 * 1024 * 1024;

/// The content type of what `GET /metrics` answers: OpenMetrics 1.0.0, "Overall Structure".
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What there is, for whoever asks for something else.
const PATHS: [&str; 13] = [
    "GET /health",
    "GET /metrics",
    "POST /listen",
    "POST /stop",
    "GET /namespaces",
    "PUT /namespaces/{name}",
    "GET /namespaces/{name}",
    "DELETE /namespaces/{name}",
    "POST /namespaces/{name}/reset",
    "POST /namespaces/{name}/lift",
    "GET /namespaces/{name}/journal?kind=&after=&limit=",
    "POST /namespaces/{name}/verify",
    "GET /",
];

/// An admin API that listens. Dropping it ends it.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    desk: Arc<Desk>,
    ending: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

/// What every request to the admin API can see.
#[derive(Debug)]
struct Desk {
    namespaces: Arc<Namespaces>,
    /// Scheme, host and port of the provider.
    root: String,
    /// Cancelled once somebody wants the provider to stop.
    stop: CancellationToken,
    /// What is wrong with the script file, since it was last read.
    trouble: Mutex<Option<BadScript>>,
}

impl Admin {
    /// Serves the admin API of a provider, which has to keep records for it
    /// ([`keeps`](crate::ProviderOptions::keeps)).
    ///
    /// # Errors
    ///
    /// What the kernel answers to listening there.
    pub async fn start(provider: &FakeProvider, at: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            namespaces: Arc::clone(provider.namespaces()),
            root: provider.root_url(),
            stop: CancellationToken::new(),
            trouble: Mutex::default(),
        });
        let ending = CancellationToken::new();
        let ended = ending.clone();
        let served = axum::serve(listener, router(&desk, Guard::at(address)));
        let serving = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = ended.cancelled() => Ok(()),
                served = served => served,
            }
        });
        Ok(Self {
            address,
            desk,
            ending,
            serving,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until somebody asks for the provider to stop.
    pub async fn stop_requested(&self) {
        self.desk.stop.cancelled().await;
    }

    /// What `GET /health` says of the script file from here on; nothing where all is well with it.
    pub fn script_is(&self, trouble: Option<BadScript>) {
        let mut told = self.desk.trouble.lock();
        *told.as_deref_mut().unwrap_or_else(|held| held.get_mut()) = trouble;
    }

    /// Ends it at once.
    pub async fn shutdown(mut self) {
        self.ending.cancel();
        // It was told to end, so how it did is of no interest.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

fn router(desk: &Arc<Desk>, guard: Guard) -> Router {
    Router::new()
        .route("/", get(paths))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route("/listen", post(listen))
        .route("/stop", post(stop))
        .route("/namespaces", get(namespaces::list))
        .route(
            "/namespaces/{name}",
            get(namespaces::show)
                .put(namespaces::put)
                .delete(namespaces::delete),
        )
        .route("/namespaces/{name}/reset", post(namespaces::reset))
        .route("/namespaces/{name}/lift", post(namespaces::lift))
        .route("/namespaces/{name}/journal", get(records::journal))
        .route("/namespaces/{name}/verify", post(verify::verify))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .layer(DefaultBodyLimit::max(SCRIPT_MAX))
        .layer(from_fn_with_state(guard, guard::check))
        .with_state(Arc::clone(desk))
}

async fn paths() -> Response {
    Json(json!({ "paths": PATHS })).into_response()
}

async fn nowhere() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "there is nothing of this method and path",
    )
    .hint(format!("there are {}", PATHS.join(", ")))
}

async fn health(State(desk): State<Arc<Desk>>) -> Response {
    let lobby = &desk.namespaces.lobby;
    let trouble = desk.trouble.lock().unwrap_or_else(PoisonError::into_inner);
    let status = match (lobby.closes(), trouble.is_some()) {
        (true, _) => "stopping",
        (false, true) => "script-is-stale",
        (false, false) => "ok",
    };
    let health = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "provider": desk.root,
        "listening": lobby.door.is_open(),
        "open_connections": lobby.open_connections(),
        "requests_in_flight": lobby.requests_in_flight(),
        "script": trouble.as_ref().map(|bad| json!({ "file": bad.name, "mistakes": bad.mistakes })),
    });
    Json(health).into_response()
}

async fn metrics(State(desk): State<Arc<Desk>>) -> Result<Response, Refusal> {
    let text = exposition(&desk.namespaces).map_err(|error| {
        let message = format!("the metrics could not be written: {error}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    })?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

async fn listen(State(desk): State<Arc<Desk>>) -> Result<Response, Refusal> {
    let began = desk.namespaces.open().map_err(|error| {
        let message = format!("failed to listen at {}: {error}", desk.root);
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
    })?;
    if desk.namespaces.lobby.closes() {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "the provider is stopping",
        ));
    }
    Ok(Json(json!({ "listening_since_now": began, "provider": desk.root })).into_response())
}

async fn stop(State(desk): State<Arc<Desk>>) -> Response {
    desk.stop.cancel();
    let told = json!({
        "stopping": true,
        "requests_in_flight": desk.namespaces.lobby.requests_in_flight(),
    });
    (StatusCode::ACCEPTED, Json(told)).into_response()
}

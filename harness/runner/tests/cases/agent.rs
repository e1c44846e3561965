//! A small agent with a gateway of the runs API, for tests of the runner alone. One provider call a turn, no retry.
//!
//! Words in what the user says make it misbehave: `hang`, `spin`, `leak-task`, `tell-key`, `end-twice`,
//! `tell-once` (whoever listens again is told nothing).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use runner::{
    EmbeddedTarget, GatewayAddress, GatewayListen, RunningEmbedded, Starting, Surroundings,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The agent before it is started.
#[derive(Default)]
pub(crate) struct Agent {
    /// Refuses to start, with this reason.
    pub(crate) refuses: Option<String>,
    /// Called when a turn arrives.
    pub(crate) on_turn: Option<Arc<dyn Fn() + Send + Sync>>,
}

struct Running {
    address: GatewayAddress,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    surroundings: Arc<Surroundings>,
    runs: Arc<Mutex<BTreeMap<String, Run>>>,
    on_turn: Option<Arc<dyn Fn() + Send + Sync>>,
    going_down: CancellationToken,
}

#[derive(Clone)]
struct Run {
    /// Frames so far, and whether there will be more.
    log: Arc<watch::Sender<(Vec<String>, bool)>>,
    stop: CancellationToken,
    /// Whoever may still listen, where not everybody may.
    ears: Option<Arc<AtomicBool>>,
}

impl EmbeddedTarget for Agent {
    fn name(&self) -> &str {
        "test-agent"
    }

    fn start(&self, surroundings: Surroundings) -> Starting<'_> {
        Box::pin(async move {
            if let Some(reason) = &self.refuses {
                return Err(reason.clone());
            }
            let stop = CancellationToken::new();
            let listen = surroundings.gateway_listen.clone();
            let desk = Desk {
                surroundings: Arc::new(surroundings),
                runs: Arc::default(),
                on_turn: self.on_turn.clone(),
                going_down: stop.clone(),
            };
            let router = Router::new()
                .route("/v1/runs", post(submit))
                .route("/v1/runs/{id}", get(status))
                .route("/v1/runs/{id}/events", get(events))
                .route("/v1/runs/{id}/stop", post(stop_run))
                .with_state(desk);
            let (address, serving) = serve(listen, router, stop.clone()).await;
            Ok(Box::new(Running {
                address,
                stop,
                serving,
            }) as Box<dyn RunningEmbedded>)
        })
    }
}

impl RunningEmbedded for Running {
    fn gateway(&self) -> GatewayAddress {
        self.address.clone()
    }

    fn shutdown(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            self.stop.cancel();
            self.serving.await.expect("the server ends");
        })
    }
}

async fn serve(
    listen: GatewayListen,
    router: Router,
    stop: CancellationToken,
) -> (GatewayAddress, JoinHandle<()>) {
    match listen {
        GatewayListen::Tcp(address) => {
            let listener = TcpListener::bind(address).await.expect("can listen");
            let address = GatewayAddress::Tcp(listener.local_addr().expect("has an address"));
            let serving =
                axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            (
                address,
                tokio::spawn(async move { serving.await.expect("serves") }),
            )
        }
        GatewayListen::Unix(path) => {
            let listener = UnixListener::bind(&path).expect("can listen");
            let serving =
                axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            let task = tokio::spawn(async move { serving.await.expect("serves") });
            (GatewayAddress::Unix(path), task)
        }
    }
}

async fn submit(State(desk): State<Desk>, Json(body): Json<Value>) -> Response {
    let Some(input) = body["input"].as_str().map(str::to_owned) else {
        let error = json!({ "error": { "message": "Missing 'input' field" } });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    };
    let run = Run {
        log: Arc::new(watch::channel((Vec::new(), false)).0),
        stop: desk.going_down.child_token(),
        ears: input
            .contains("tell-once")
            .then(|| Arc::new(AtomicBool::new(true))),
    };
    let id = {
        let mut runs = desk.runs.lock().expect("nobody panics with it");
        // Ids of this length as in the wild, and nothing in them that is the same twice on one machine.
        let id = format!("run_{:032x}", 0xabc0_0000_u64 + runs.len() as u64);
        runs.insert(id.clone(), run.clone());
        id
    };
    if let Some(on_turn) = &desk.on_turn {
        on_turn();
    }
    let started =
        json!({ "kind": "attempt-started", "run_id": id, "client": "client-1", "attempt": 1 });
    (desk.surroundings.lifecycle)(started);
    tokio::spawn(work(desk.clone(), run, id.clone(), input));
    let answer = json!({ "run_id": id, "status": "started" });
    (StatusCode::ACCEPTED, Json(answer)).into_response()
}

async fn work(desk: Desk, run: Run, id: String, input: String) {
    let ended = tokio::select! {
        biased;
        () = run.stop.cancelled() => json!({ "event": "run.cancelled" }),
        ended = turn(&desk, &run, &id, &input) => ended,
    };
    run.tell(&id, ended.clone());
    if input.contains("end-twice") {
        run.tell(&id, ended);
    }
    run.log.send_modify(|(_, over)| *over = true);
}

async fn turn(desk: &Desk, run: &Run, id: &str, input: &str) -> Value {
    if input.contains("hang") {
        std::future::pending::<()>().await;
    }
    while input.contains("spin") {
        (desk.surroundings.lifecycle)(json!({ "kind": "shutdown-started" }));
        tokio::task::yield_now().await;
    }
    if input.contains("leak-task") {
        tokio::spawn(std::future::pending::<()>());
    }
    if input.contains("tell-key") {
        let error = format!("refused: {}", desk.surroundings.api_key);
        return json!({ "event": "run.failed", "error": error });
    }
    match ask(&desk.surroundings, input).await {
        Ok(text) => {
            run.tell(id, json!({ "event": "message.delta", "delta": text }));
            json!({ "event": "run.completed", "output": text })
        }
        Err(error) => json!({ "event": "run.failed", "error": error }),
    }
}

/// One call, answered whole.
async fn ask(surroundings: &Surroundings, input: &str) -> Result<String, String> {
    // Plain HTTP, and yet reqwest wants to know the cryptography; another test may have said it first.
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .tls_certs_only([]);
    if let Some(socket) = &surroundings.provider_socket {
        builder = builder.unix_socket(socket.as_path());
    }
    let client = builder.build().expect("can be built");
    // A turn offers tools; that is how the provider tells it from a text about a conversation.
    let parameters = json!({ "type": "object", "properties": {} });
    let tool =
        json!({ "type": "function", "function": { "name": "list", "parameters": parameters } });
    let messages = [json!({ "role": "user", "content": input })];
    let body = json!({ "model": "m", "messages": messages, "tools": [tool] });
    let response = client
        .post(format!("{}/chat/completions", surroundings.provider_url))
        .bearer_auth(&surroundings.api_key)
        .json(&body)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = response.status();
    let body: Value = response.json().await.map_err(|error| error.to_string())?;
    let text = body
        .pointer("/choices/0/message/content")
        .and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| format!("status {status}"))
}

async fn status(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let runs = desk.runs.lock().expect("nobody panics with it");
    match runs.get(&id) {
        Some(run) if run.log.borrow().1 => Json(json!({ "status": "completed" })).into_response(),
        Some(_) => Json(json!({ "status": "running" })).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn stop_run(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let runs = desk.runs.lock().expect("nobody panics with it");
    let Some(run) = runs.get(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    run.stop.cancel();
    Json(json!({ "run_id": id, "status": "stopping" })).into_response()
}

/// Everything from the start to whoever listens.
async fn events(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let run = desk
        .runs
        .lock()
        .expect("nobody panics with it")
        .get(&id)
        .cloned();
    let Some(run) = run else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_deaf = |ears: Arc<AtomicBool>| !ears.swap(false, Ordering::Relaxed);
    if run.ears.is_some_and(is_deaf) {
        let silence = stream::pending::<Result<Bytes, std::io::Error>>();
        return Body::from_stream(silence).into_response();
    }
    let frames = stream::unfold((run.log.subscribe(), Some(0)), |(mut log, at)| async move {
        let at = at?;
        let found = log
            .wait_for(|(frames, over)| *over || frames.len() > at)
            .await;
        let frame = found.ok()?.0.get(at).cloned();
        let next = frame.is_some().then_some(at + 1);
        let frame = frame.unwrap_or_else(|| ": stream closed\n\n".to_owned());
        Some((Ok::<_, std::io::Error>(Bytes::from(frame)), (log, next)))
    });
    Body::from_stream(frames).into_response()
}

impl Run {
    fn tell(&self, id: &str, mut event: Value) {
        event["run_id"] = json!(id);
        self.log
            .send_modify(|(frames, _)| frames.push(format!("data: {event}\n\n")));
    }
}

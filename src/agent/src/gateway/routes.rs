//! The routes: HTTP in, HTTP out. Decides in which order a request is checked; runs nothing itself.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Value, json};

use super::authorization::authorised;
use super::desk::Desk;
use super::idempotency::IdempotencyKey;
use super::refusal::Refusal;
use super::request::RunRequest;
use super::runs::Admitted;
use super::subscription;

/// How long the body of a request may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest session key that is accepted, in bytes, as in hermes-agent.
const SESSION_KEY_LENGTH_MAX: usize = 256;

static SESSION_KEY: HeaderName = HeaderName::from_static("x-hermes-session-key");

/// The whole API over one desk.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    let guarded = Router::new()
        .route("/v1/models", get(models))
        .route("/v1/runs", post(start_run))
        .route("/v1/runs/{id}", get(run_status))
        .route("/v1/runs/{id}/events", get(run_events))
        .route("/v1/runs/{id}/stop", post(stop_run))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&desk), authorise));
    Router::new()
        .route("/health", get(health))
        .route("/v1/health", get(health))
        .merge(guarded)
        .fallback(async || (StatusCode::NOT_FOUND, "404: Not Found"))
        .method_not_allowed_fallback(async || {
            (StatusCode::METHOD_NOT_ALLOWED, "405: Method Not Allowed")
        })
        // Bodies are limited where they are read, so that the refusal is ours.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(refuse_browsers))
        .layer(middleware::map_response(harden))
        .with_state(desk)
}

async fn authorise(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    if authorised(request.headers(), desk.settings.key.expose()) {
        next.run(request).await
    } else {
        Refusal::unauthorised().into_response()
    }
}

/// No origin is configured, so whatever carries one comes from a web page that has no business here.
async fn refuse_browsers(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// The security headers of JSON responses that mean something without TLS. Event streams lack them, as in hermes-agent.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    if json {
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(header::X_XSS_PROTECTION, HeaderValue::from_static("0"));
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
    }
    response
}

async fn health() -> Json<Value> {
    Json(
        json!({"status": "ok", "platform": "reference-agent", "version": env!("CARGO_PKG_VERSION")}),
    )
}

async fn models(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let id = "reference-agent";
    let created = desk.unix_seconds();
    Json(json!({"object": "list", "data": [{
        "id": id, "object": "model", "created": created, "owned_by": id, "permission": [], "root": id, "parent": null,
    }]}))
}

/// Checked in the order of hermes-agent 0.19: draining, session key, room, body.
async fn start_run(State(desk): State<Arc<Desk>>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    desk.runs.check_open()?;
    let session_key = session_key(&head.headers)?;
    // A repeated request starts nothing, so it is let through to be recognised even when there is no room.
    if !head.headers.contains_key("idempotency-key") {
        desk.runs.check_room()?;
    }
    let body = read_json(&head.headers, body, desk.settings.max_body_bytes).await?;
    let wanted = RunRequest::read(&body)?;
    let key = IdempotencyKey::read(&head.headers, &body)?;
    let admitted = desk.start_run(wanted, key)?;
    let (run, repeated) = match admitted {
        Admitted::New(run) => (run, false),
        Admitted::Repeated(run) => (run, true),
    };
    let told = Json(json!({"run_id": run.id, "status": "started"}));
    let mut response = (StatusCode::ACCEPTED, told).into_response();
    let headers = response.headers_mut();
    if repeated {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    if let Some(value) = session_key {
        headers.insert(&SESSION_KEY, value);
    }
    Ok(response)
}

async fn run_status(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let run = desk
        .runs
        .find(&id)
        .ok_or_else(|| Refusal::run_not_found(&id))?;
    Ok(Json(run.describe()))
}

async fn run_events(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let run = desk
        .runs
        .find(&id)
        .filter(|run| desk.admits_to(run))
        .ok_or_else(|| Refusal::run_not_found(&id))?;
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, subscription::body(run, desk.settings.keepalive)).into_response())
}

async fn stop_run(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.runs.find(&id).filter(|run| run.stop_for_user());
    let run = run.ok_or_else(|| Refusal::run_not_found(&id))?;
    Ok(Json(json!({"run_id": run.id, "status": "stopping"})))
}

/// The session key is echoed and otherwise not used: sessions are named in the body.
fn session_key(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let Some(value) = headers.get(&SESSION_KEY) else {
        return Ok(None);
    };
    if value.len() > SESSION_KEY_LENGTH_MAX || value.to_str().is_err() {
        return Err(Refusal::bad_request("Invalid X-Hermes-Session-Key header"));
    }
    Ok(Some(value.clone()))
}

/// Reads a body of at most `limit` bytes. One that announces more is not read at all.
async fn read_json(headers: &HeaderMap, body: Body, limit: usize) -> Result<Value, Refusal> {
    if announced_length(headers)?.is_some_and(|length| length > limit as u64) {
        return Err(Refusal::body_too_large(limit));
    }
    let read = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect());
    let bytes = match read.await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(Refusal::body_too_large(limit));
        }
        Ok(Err(_)) => return Err(Refusal::bad_request("Request body could not be read")),
        Err(_) => return Err(Refusal::body_too_slow()),
    };
    serde_json::from_slice(&bytes).map_err(|_| Refusal::bad_request("Invalid JSON"))
}

fn announced_length(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else {
        return Ok(None);
    };
    let length = value.to_str().ok().and_then(|text| text.parse().ok());
    let invalid = || Refusal::bad_request("Invalid Content-Length").coded("invalid_content_length");
    length.map(Some).ok_or_else(invalid)
}

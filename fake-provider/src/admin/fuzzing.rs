//! Requests to the admin API by anybody: answered, and never with a mistake of ours.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, Response};
use journal::{Fact, Recorder, Subject};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Desk, Guard, router};
use crate::options::{Listen, ProviderOptions};
use crate::provider::FakeProvider;

/// Few, so that some are dropped.
const KEEPS: usize = 2;

/// Requests as text, separated by zeros, each as [`crate::fuzzing`] has them: a line with method and target, lines with headers, an
/// empty line, and the body. All of them to one provider, which has seen a little.
pub(crate) fn admin(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.expect("is made").block_on(async {
        let options = ProviderOptions {
            keeps: Some(KEEPS),
            ..ProviderOptions::default()
        };
        let provider = FakeProvider::hold(options, Listen::loopback(), Recorder::nobody());
        let provider = provider.expect("has a port");
        see(&provider);
        let desk = Arc::new(Desk {
            namespaces: Arc::clone(provider.namespaces()),
            root: provider.root_url(),
            stop: CancellationToken::new(),
            trouble: Mutex::default(),
        });
        let address = provider.local_addr().expect("is TCP");
        let router = router(&desk, Guard::at(address));
        for request in data.split(|byte| *byte == 0) {
            if let Some(request) = read(request) {
                judge(ask(&router, request).await).await;
            }
        }
        provider.shutdown().await;
    });
}

fn see(provider: &FakeProvider) {
    let desk = provider.namespaces().default_desk();
    for connection in 1..=3 {
        desk.record(Subject::CASE, Fact::ConnectionOpened { connection });
    }
    let what = "call 1 attempt 1, a new call".to_owned();
    desk.record(Subject::attempt(1, 1, 1), Fact::Unscripted { what });
}

fn read(text: &[u8]) -> Option<Request<Body>> {
    let end = text.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &[][..]),
    };
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target);
    let mut named = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        named |= name.eq_ignore_ascii_case(HOST.as_str());
        request = request.header(name, value.trim());
    }
    if !named {
        request = request.header(HOST, "localhost");
    }
    request.body(Body::from(body.to_vec())).ok()
}

async fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    let answered = router.clone().oneshot(request).await;
    answered.unwrap_or_else(|never| match never {})
}

/// What is refused is refused with a reason, and nothing fails.
async fn judge(answer: Response<Body>) {
    let status = answer.status();
    assert!(!status.is_server_error(), "{answer:?}");
    let content_type = answer.headers().get(CONTENT_TYPE).cloned();
    let body = to_bytes(answer.into_body(), usize::MAX).await;
    let body = body.expect("is in memory");
    if status.is_success() && content_type.is_none_or(|value| value != "application/json") {
        // The metrics, or nothing.
        return;
    }
    let told: Value = serde_json::from_slice(&body).expect("is JSON");
    let why = told["error"].as_str().is_some_and(|why| !why.is_empty());
    assert!(status.is_success() || why, "{status}: {told}");
}

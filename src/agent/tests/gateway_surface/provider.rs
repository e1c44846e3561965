//! A provider that answers the n-th request with the n-th reply, byte for byte. Knows HTTP only as far as a request ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// What the provider does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Sends this and closes.
    Whole(String),
    /// Sends the first part, waits to be released, sends the rest and closes.
    Held(String, String),
}

/// What has happened so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Requests that arrived whole.
    pub(crate) requests: usize,
    /// Held replies whose client left before they were released.
    pub(crate) deserted: usize,
}

/// The provider. Dropping it ends it.
pub(crate) struct Provider {
    pub(crate) base_url: String,
    stage: Arc<Stage>,
    tasks: JoinSet<()>,
}

struct Stage {
    replies: Mutex<VecDeque<Reply>>,
    release: Semaphore,
    seen: watch::Sender<Seen>,
    bodies: Mutex<Vec<String>>,
}

impl Provider {
    /// On loopback TCP.
    pub(crate) async fn tcp(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let stage = Stage::new(replies);
        let mut tasks = JoinSet::new();
        let on_stage = Arc::clone(&stage);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(Arc::clone(&on_stage).play(stream));
            }
        });
        Self {
            base_url,
            stage,
            tasks,
        }
    }

    /// On a Unix socket.
    pub(crate) fn unix(path: &std::path::Path, replies: Vec<Reply>) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let stage = Stage::new(replies);
        let mut tasks = JoinSet::new();
        let on_stage = Arc::clone(&stage);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(Arc::clone(&on_stage).play(stream));
            }
        });
        let base_url = "http://provider.test/v1".to_owned();
        Self {
            base_url,
            stage,
            tasks,
        }
    }

    /// Lets one held reply go on.
    pub(crate) fn release(&self) {
        self.stage.release.add_permits(1);
    }

    /// Waits, for a bounded time, until `done` says so.
    pub(crate) async fn wait(&self, done: impl FnMut(&Seen) -> bool) {
        let mut seen = self.stage.seen.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(20), seen.wait_for(done)).await;
        assert!(waited.is_ok(), "the provider saw only {:?}", self.seen());
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.stage.seen.borrow()
    }

    /// The bodies of the requests so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.stage.bodies.lock().unwrap().clone()
    }

    /// Ends it and waits until its tasks are gone.
    pub(crate) async fn close(mut self) {
        self.tasks.shutdown().await;
        // The connections ended with the set that the listener's task owned.
        tokio::task::yield_now().await;
    }
}

impl Stage {
    fn new(replies: Vec<Reply>) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies.into()),
            release: Semaphore::new(0),
            seen: watch::Sender::new(Seen::default()),
            bodies: Mutex::default(),
        })
    }

    async fn play(self: Arc<Self>, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Some(body) = read_request(&mut stream).await else {
            return;
        };
        self.bodies.lock().unwrap().push(body);
        self.seen.send_modify(|seen| seen.requests += 1);
        let reply = self.replies.lock().unwrap().pop_front();
        let unscripted = || Reply::Whole(error(400, "unscripted request"));
        match reply.unwrap_or_else(unscripted) {
            Reply::Whole(bytes) => send(&mut stream, &bytes).await,
            Reply::Held(first, rest) => {
                send(&mut stream, &first).await;
                let mut byte = [0];
                tokio::select! {
                    biased;
                    _ = stream.read(&mut byte) => {
                        self.seen.send_modify(|seen| seen.deserted += 1);
                        return;
                    }
                    permit = self.release.acquire() => permit.unwrap().forget(),
                }
                send(&mut stream, &rest).await;
            }
        }
        let _ = stream.shutdown().await;
    }
}

/// A client that has left is no mistake of the provider's.
async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &str) {
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.flush().await;
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_ascii_lowercase();
        let length = length
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
            return Some(body.to_owned());
        }
    }
}

/// A complete answer in one JSON body would not show streaming; this is a stream of these pieces, with its end marker.
pub(crate) fn stream(pieces: &[&str]) -> String {
    stream_head() + &deltas(pieces) + &stream_end()
}

/// A stream that has begun, and how it goes on.
pub(crate) fn held(first: &[&str], rest: &[&str]) -> Reply {
    Reply::Held(stream_head() + &deltas(first), deltas(rest) + &stream_end())
}

/// A stream that is cut behind these pieces.
pub(crate) fn cut(pieces: &[&str]) -> String {
    stream_head() + &deltas(pieces)
}

fn stream_head() -> String {
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_owned()
}

fn deltas(pieces: &[&str]) -> String {
    let chunk = |piece: &&str| {
        let chunk = serde_json::json!({
            "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}],
        });
        format!("data: {chunk}\n\n")
    };
    pieces.iter().map(chunk).collect()
}

fn stream_end() -> String {
    let finish = serde_json::json!({
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    });
    let usage = serde_json::json!({
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    });
    format!("data: {finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}

/// An error in the provider's own form.
pub(crate) fn error(status: u16, message: &str) -> String {
    let body = serde_json::json!({"error": {
        "message": message, "type": "invalid_request_error", "param": null, "code": "invalid_api_key",
    }});
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status} Error\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A complete answer in one piece, as asked for without streaming.
pub(crate) fn answer(text: &str) -> String {
    let body = serde_json::json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    });
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

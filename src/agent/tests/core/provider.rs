//! A provider over raw sockets: it answers the n-th request with the n-th answer of its script, byte for byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// What happens on one connection after a request was read.
#[derive(Clone)]
pub(crate) enum Act {
    Write(Vec<u8>),
    /// Writes these bytes each time this long has passed, until the client leaves.
    Repeat(Vec<u8>, Duration),
    Pause(Duration),
    /// Says nothing more, and waits for the client to leave.
    Stall,
}

/// What the provider has seen.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) bodies: Vec<Value>,
    pub(crate) heads: Vec<String>,
    /// Connections on which the client left while it was still being answered.
    pub(crate) left: usize,
}

pub(crate) struct Provider {
    pub(crate) base_url: String,
    seen: watch::Receiver<Seen>,
    accepting: AbortHandle,
}

struct Stage {
    script: Mutex<std::vec::IntoIter<Vec<Act>>>,
    seen: watch::Sender<Seen>,
}

impl Provider {
    pub(crate) async fn start(script: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (stage, seen) = stage(script);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                socket.set_nodelay(true).unwrap();
                connections.spawn(serve(socket, Arc::clone(&stage)));
            }
        });
        Self {
            base_url,
            seen,
            accepting: accepting.abort_handle(),
        }
    }

    /// The same over TLS, for clients that know `acceptor`'s certificate as that of `localhost`.
    pub(crate) async fn start_tls(acceptor: TlsAcceptor, script: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stage, seen) = stage(script);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, stage) = (acceptor.clone(), Arc::clone(&stage));
                connections.spawn(serve_tls(socket, acceptor, stage));
            }
        });
        Self {
            base_url: format!("https://localhost:{port}/v1"),
            seen,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn start_on(path: &std::path::Path, script: Vec<Vec<Act>>) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let (stage, seen) = stage(script);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn(serve(socket, Arc::clone(&stage)));
            }
        });
        Self {
            base_url: "http://provider/v1".to_owned(),
            seen,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.borrow().bodies.len()
    }

    /// Waits until what was seen is as wanted.
    pub(crate) async fn until(&self, wanted: impl FnMut(&Seen) -> bool) {
        let mut seen = self.seen.clone();
        let reached = tokio::time::timeout(Duration::from_secs(30), seen.wait_for(wanted)).await;
        reached.expect("the provider saw it in time").unwrap();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn stage(script: Vec<Vec<Act>>) -> (Arc<Stage>, watch::Receiver<Seen>) {
    let (seen, watched) = watch::channel(Seen::default());
    (
        Arc::new(Stage {
            script: Mutex::new(script.into_iter()),
            seen,
        }),
        watched,
    )
}

/// A client that does not trust us leaves in the middle of the handshake.
async fn serve_tls(socket: TcpStream, acceptor: TlsAcceptor, stage: Arc<Stage>) {
    if let Ok(socket) = acceptor.accept(socket).await {
        serve(socket, stage).await;
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut socket: S, stage: Arc<Stage>) {
    while let Some((head, body)) = request(&mut socket).await {
        stage.seen.send_modify(|seen| {
            seen.heads.push(head);
            seen.bodies.push(body);
        });
        let unscripted = || {
            vec![Act::Write(status(
                400,
                "",
                &json!({"error": {"message": "unscripted_request"}}),
            ))]
        };
        let acts = stage
            .script
            .lock()
            .unwrap()
            .next()
            .unwrap_or_else(unscripted);
        if answer(&mut socket, &acts).await.is_err() {
            stage.seen.send_modify(|seen| seen.left += 1);
            return;
        }
        if acts.iter().any(closes) {
            return;
        }
    }
}

/// Answers that do not say how long they are end with their connection.
fn closes(act: &Act) -> bool {
    matches!(act, Act::Write(bytes) if bytes.windows(17).any(|window| window == b"connection: close"))
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut S,
    acts: &[Act],
) -> std::io::Result<()> {
    for act in acts {
        match act {
            Act::Write(bytes) => socket.write_all(bytes).await?,
            Act::Pause(wait) => tokio::time::sleep(*wait).await,
            Act::Stall => left(socket).await?,
            Act::Repeat(bytes, every) => repeat(socket, bytes, *every).await?,
        }
    }
    Ok(())
}

async fn repeat<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut S,
    bytes: &[u8],
    every: Duration,
) -> std::io::Result<()> {
    loop {
        tokio::select! {
            biased;
            gone = left(socket) => return gone,
            () = tokio::time::sleep(every) => socket.write_all(bytes).await?,
        }
    }
}

async fn left<S: AsyncRead + Unpin>(socket: &mut S) -> std::io::Result<()> {
    let mut byte = [0];
    let _nothing_more_is_expected = socket.read(&mut byte).await?;
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

async fn request<S: AsyncRead + Unpin>(socket: &mut S) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        more(socket, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        more(socket, &mut bytes).await?;
    }
    Some((
        head,
        serde_json::from_slice(&bytes[end..end + length]).unwrap_or(Value::Null),
    ))
}

async fn more<S: AsyncRead + Unpin>(socket: &mut S, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 4096];
    let read = socket
        .read(&mut chunk)
        .await
        .ok()
        .filter(|read| *read > 0)?;
    bytes.extend_from_slice(&chunk[..read]);
    Some(())
}

/// A whole answer with a JSON body; `headers` end with CRLF each.
pub(crate) fn status(status: u16, headers: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub(crate) fn refuse(code: u16, headers: &str, message: &str, error_code: &str) -> Vec<Act> {
    let body =
        json!({"error": {"message": message, "type": "t", "param": null, "code": error_code}});
    vec![Act::Write(status(code, headers, &body))]
}

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A stream of these events, exactly. It ends with its connection, as if that were its proper end.
pub(crate) fn stream(events: &[String]) -> Vec<Act> {
    stream_of("text/event-stream", events.concat())
}

/// The same of any kind, its bytes as they are.
pub(crate) fn stream_of(kind: &str, bytes: impl Into<Vec<u8>>) -> Vec<Act> {
    let head = STREAM_HEAD.replace("text/event-stream", kind);
    vec![Act::Write(head.into()), Act::Write(bytes.into())]
}

/// The same events, on a connection that promised more and breaks.
pub(crate) fn broken_stream(events: &[String]) -> Vec<Act> {
    let head = STREAM_HEAD.replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n");
    let body = events.concat();
    vec![
        Act::Write(head.into_bytes()),
        Act::Write(format!("{:x}\r\n{body}\r\n", body.len()).into_bytes()),
    ]
}

pub(crate) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

pub(crate) fn delta(text: &str) -> String {
    event(&json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}))
}

pub(crate) fn call_start(index: u64, id: &str, name: &str, arguments: &str) -> String {
    let function = json!({"name": name, "arguments": arguments});
    let call = json!({"index": index, "id": id, "type": "function", "function": function});
    event(
        &json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]}),
    )
}

pub(crate) fn finish(reason: &str) -> String {
    event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

pub(crate) fn usage(input: u64, output: u64) -> String {
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    event(&json!({"choices": [], "usage": usage}))
}

pub(crate) fn done() -> String {
    "data: [DONE]\n\n".to_owned()
}

/// A whole streamed answer with usage 10 + 2.
pub(crate) fn text(words: &str) -> Vec<Act> {
    stream(&[delta(words), finish("stop"), usage(10, 2), done()])
}

/// A whole streamed answer that makes one call.
pub(crate) fn call(id: &str, name: &str, arguments: &str) -> Vec<Act> {
    stream(&[
        call_start(0, id, name, arguments),
        finish("tool_calls"),
        usage(10, 2),
        done(),
    ])
}

/// A whole answer that is not streamed.
pub(crate) fn whole(words: &str) -> Vec<Act> {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12});
    vec![Act::Write(status(
        200,
        "",
        &json!({"object": "chat.completion", "choices": [choice], "usage": usage}),
    ))]
}

//! Bytes sent as they are, and what comes back: for requests that no client would send.

use std::net::SocketAddr;
use std::time::Duration;

use fake_provider::Dialect;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::timeout;

/// Longer than anything here takes on a slow machine.
const BOUND: Duration = Duration::from_secs(60);

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A dialect, and a request of it that is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) dialect: Dialect,
    pub(crate) path: &'static str,
    pub(crate) headers: &'static str,
    /// A whole request body; its first member is a model.
    pub(crate) body: &'static str,
}

pub(crate) const SPOKEN: [Spoken; 5] = [
    Spoken {
        dialect: Dialect::OpenaiChat,
        path: "/v1/chat/completions",
        headers: "",
        body: r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#,
    },
    Spoken {
        dialect: Dialect::OpenaiResponses,
        path: "/v1/responses",
        headers: "",
        body: r#"{"model":"m","input":"Hi"}"#,
    },
    Spoken {
        dialect: Dialect::AnthropicMessages,
        path: "/v1/messages",
        headers: "anthropic-version: 2023-06-01\r\nx-api-key: k\r\n",
        body: r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#,
    },
    Spoken {
        dialect: Dialect::Gemini,
        path: "/v1beta/models/m:generateContent",
        headers: "x-goog-api-key: k\r\n",
        body: r#"{"contents":[{"parts":[{"text":"Hi"}]}]}"#,
    },
    Spoken {
        dialect: Dialect::Ollama,
        path: "/api/chat",
        headers: "",
        body: r#"{"model":"m","stream":false,"messages":[{"role":"user","content":"Hi"}]}"#,
    },
];

impl Spoken {
    /// A head with these lines besides the usual ones, and the empty line.
    pub(crate) fn head(&self, lines: &str) -> Vec<u8> {
        let Self { path, headers, .. } = self;
        format!("POST {path} HTTP/1.1\r\nhost: h\r\n{headers}{lines}\r\n").into_bytes()
    }

    /// A request with this body.
    pub(crate) fn post(&self, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.head(&format!("content-length: {}\r\n", body.len()));
        bytes.extend_from_slice(body);
        bytes
    }

    /// A proper request, after whose answer the connection ends.
    pub(crate) fn last(&self) -> Vec<u8> {
        let length = self.body.len();
        let lines = format!("content-length: {length}\r\nconnection: close\r\n");
        [self.head(&lines), self.body.into()].concat()
    }
}

/// Sends bytes, as far as they are taken, and hears all that comes back until the other side's FIN.
pub(crate) async fn tell(address: SocketAddr, bytes: &[u8]) -> Vec<Answer> {
    let stream = TcpStream::connect(address).await.expect("connects");
    let (mut from, mut to) = stream.into_split();
    let mut heard = Vec::new();
    let talk = async {
        // A server that has refused need not take the rest.
        let _ = to.write_all(bytes).await;
        std::future::pending::<()>().await;
    };
    let listen = async { from.read_to_end(&mut heard).await };
    let ended = timeout(BOUND, async {
        tokio::select! {
            biased;
            ended = listen => ended,
            () = talk => unreachable!("never ends"),
        }
    });
    ended.await.expect("ends in time").expect("ends by a FIN");
    answers(&heard)
}

/// A connection that has sent these bytes and stays as it is.
pub(crate) async fn half_open(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(bytes).await.expect("is taken");
    stream
}

/// Sends `count` bytes of `x`, however long that takes.
pub(crate) async fn pour(to: &mut OwnedWriteHalf, count: usize) -> std::io::Result<()> {
    let piece = vec![b'x'; 1 << 20];
    let mut left = count;
    while left > 0 {
        let taken = left.min(piece.len());
        to.write_all(&piece[..taken]).await?;
        left -= taken;
    }
    Ok(())
}

/// Sends these bytes and then `count` more, all of them, and only then hears what came back.
pub(crate) async fn poured(address: SocketAddr, begun: &[u8], count: usize) -> Vec<Answer> {
    let (mut from, mut to) = half_open(address, begun).await.into_split();
    pour(&mut to, count).await.expect("all is taken");
    let mut heard = Vec::new();
    let ended = timeout(BOUND, from.read_to_end(&mut heard)).await;
    ended.expect("ends in time").expect("ends by a FIN");
    answers(&heard)
}

/// The answers in these bytes, each with the length that its head tells.
pub(crate) fn answers(bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut rest = String::from_utf8_lossy(bytes).into_owned();
    while let Some((head, after)) = rest.split_once("\r\n\r\n") {
        let head = head.to_ascii_lowercase();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().expect("is a number"));
        let body = after[..length].to_owned();
        let left = after[length..].to_owned();
        answers.push(Answer {
            status: status.expect("has a status"),
            head,
            body,
        });
        rest = left;
    }
    assert_eq!(rest, "", "half an answer");
    answers
}

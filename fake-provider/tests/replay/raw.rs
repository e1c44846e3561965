//! An upstream that sends exactly what it is told, and a client that tells exactly what arrived.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// What an upstream does once it has read a request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Nothing, for so many milliseconds.
    Pause(u64),
    Fin,
    Reset,
    /// Nothing until the peer leaves.
    Hold,
}

/// How a client sees the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It goes on, or is silent.
    Open,
    Fin,
    Reset,
}

/// What arrived at a client.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
    /// After how many bytes there was a silence of how long; the last one is that before the end.
    pub(crate) silences: Vec<(usize, Duration)>,
}

impl Arrived {
    /// How long nothing came after so many bytes.
    pub(crate) fn silence(&self, after: usize) -> Duration {
        let here = { self.silences.iter() }.filter(|(at, _)| *at == after);
        here.map(|(_, lasted)| *lasted).sum()
    }
}

/// Starts an upstream that answers the n-th request with the n-th of these, over as many connections as come.
pub(crate) async fn upstream(answers: Vec<Vec<Step>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("has an address");
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        while answers.len() > 0 {
            let (mut stream, _) = listener.accept().await.expect("accepts");
            stream.set_nodelay(true).expect("is open");
            if serve(&mut stream, &mut answers).await == Some(End::Reset) {
                stream.set_zero_linger().expect("is open");
            }
        }
    });
    address
}

/// Answers the requests of one connection; how it was ended, if it was.
async fn serve(
    stream: &mut TcpStream,
    answers: &mut impl Iterator<Item = Vec<Step>>,
) -> Option<End> {
    while read_request(stream).await {
        let steps = answers.next().expect("is asked no more than it knows");
        let ended = answer(stream, &steps).await;
        if ended.is_some() {
            return ended;
        }
    }
    None
}

/// Does what it is told; how it ended the connection, if it did.
pub(crate) async fn answer(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    steps: &[Step],
) -> Option<End> {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                // Whoever has left in between gets nothing more.
                let _ = stream.write_all(bytes).await;
                let _ = stream.flush().await;
            }
            Step::Pause(millis) => {
                drop(timeout(Duration::from_millis(*millis), left(stream)).await)
            }
            Step::Fin => return Some(End::Fin),
            Step::Reset => return Some(End::Reset),
            Step::Hold => {
                left(stream).await;
                return Some(End::Fin);
            }
        }
    }
    None
}

async fn left(stream: &mut (impl AsyncRead + Unpin)) {
    let mut byte = [0];
    while matches!(stream.read(&mut byte).await, Ok(1..)) {}
}

/// Reads one request whose length is told; whether there was one.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1..) => request.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().expect("is a number"))
}

pub(crate) async fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).await.expect("connects");
    stream.set_nodelay(true).expect("is open");
    stream
}

/// A request with this body.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Sends a request and reads until the end, or until nothing has come for `patience` although so much has.
pub(crate) async fn ask(
    stream: &mut TcpStream,
    request: &[u8],
    (enough, patience): (usize, Duration),
) -> Arrived {
    /// Nothing here takes that long, unless it hangs.
    const BOUND: Duration = Duration::from_secs(20);
    stream.write_all(request).await.expect("is open");
    let mut arrived = Arrived {
        bytes: Vec::new(),
        end: End::Open,
        silences: Vec::new(),
    };
    let mut buffer = [0; 4096];
    let mut last = Instant::now();
    loop {
        let at = arrived.bytes.len();
        let patience = if at >= enough { patience } else { BOUND };
        let read = timeout(patience, stream.read(&mut buffer)).await;
        arrived.silences.push((at, last.elapsed()));
        last = Instant::now();
        match read {
            Ok(Ok(0)) => arrived.end = End::Fin,
            Ok(Ok(read)) => {
                arrived.bytes.extend_from_slice(&buffer[..read]);
                continue;
            }
            Ok(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                arrived.end = End::Reset;
            }
            Err(_) => assert!(at >= enough, "hangs after {at} bytes"),
        }
        return arrived;
    }
}

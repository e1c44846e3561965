//! A client that sends frames of HTTP/2 as they are, and reads what comes back: for what no client would send. Shares no code with the
//! provider.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::raw::Spoken;

/// Longer than anything here takes on a slow machine.
const BOUND: Duration = Duration::from_secs(60);
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames (RFC 9113, section 6).
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flags of frames.
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .expect("is short")
        .to_be_bytes();
    let header = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [header.as_slice(), payload].concat()
}

/// A literal that nobody has to remember (RFC 7541, section 6.2.2).
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        match text.len() {
            length @ 0..127 => field.push(u8::try_from(length).expect("is short")),
            length => {
                field.push(127);
                let mut rest = length - 127;
                while rest >= 128 {
                    field.push(u8::try_from(rest % 128).expect("is short") | 128);
                    rest /= 128;
                }
                field.push(u8::try_from(rest).expect("is short"));
            }
        }
        field.extend_from_slice(text.as_bytes());
    }
    field
}

/// The fields of a request in this dialect, and these.
pub(crate) fn block(spoken: &Spoken, others: &[(&str, &str)]) -> Vec<u8> {
    let lines = spoken.headers.lines();
    let of_dialect = lines.filter_map(|line| line.split_once(": "));
    let usual = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", spoken.path),
        (":authority", "h"),
    ];
    let fields = usual.into_iter().chain(of_dialect);
    let fields = fields.chain(others.iter().copied());
    fields
        .flat_map(|(name, value)| field(name, value))
        .collect()
}

/// `HEADERS`, and as many `CONTINUATION`s as it takes.
pub(crate) fn headers(flags: u8, stream: u32, block: &[u8]) -> Vec<u8> {
    let mut pieces: Vec<_> = block.chunks(16_384).collect();
    let last = pieces.pop().expect("has fields");
    let Some((first, between)) = pieces.split_first() else {
        return frame(HEADERS, flags | END_HEADERS, stream, last);
    };
    let mut frames = frame(HEADERS, flags, stream, first);
    for piece in between {
        frames.extend(frame(CONTINUATION, 0, stream, piece));
    }
    frames.extend(frame(CONTINUATION, END_HEADERS, stream, last));
    frames
}

/// A whole request.
pub(crate) fn asking(spoken: &Spoken, stream: u32) -> Vec<u8> {
    let head = headers(0, stream, &block(spoken, &[]));
    let body = frame(DATA, END_STREAM, stream, spoken.body.as_bytes());
    [head, body].concat()
}

/// A frame that has come.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// What has come over one stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: String,
    /// The other fields, a line each.
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) reset: Option<u32>,
}

/// The fields of a block of literals, a line each.
fn lines(mut block: &[u8]) -> String {
    let mut lines = String::new();
    while let Some((0, rest)) = block.split_first() {
        let (name, rest) = text(rest);
        let (value, rest) = text(rest);
        lines += &format!("\r\n{name}: {value}");
        block = rest;
    }
    lines
}

/// A string that is shorter than one byte can tell, or than two can.
fn text(bytes: &[u8]) -> (String, &[u8]) {
    let (length, rest) = match bytes {
        [127, more @ 0..128, rest @ ..] => (127 + usize::from(*more), rest),
        [length, rest @ ..] => (usize::from(*length), rest),
        [] => (0, bytes),
    };
    let (text, rest) = rest.split_at(length);
    (String::from_utf8_lossy(text).into(), rest)
}

/// A client.
pub(crate) struct Client {
    from: OwnedReadHalf,
    /// Nothing once somebody else writes.
    pub(crate) to: Option<OwnedWriteHalf>,
    rest: Vec<u8>,
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("are four"))
}

impl Client {
    /// One that has said the preface and no settings of its own.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::silent(address).await;
        let said = [PREFACE, &frame(SETTINGS, 0, 0, b"")].concat();
        client.send(&said).await;
        client
    }

    /// One that has said nothing.
    pub(crate) async fn silent(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        let (from, to) = stream.into_split();
        Self {
            from,
            to: Some(to),
            rest: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let to = self.to.as_mut().expect("nobody else writes");
        to.write_all(bytes).await.expect("is open");
    }

    /// The next frame, if all of it has come.
    fn take(&mut self) -> Option<Arrived> {
        let length = self.rest.first_chunk::<4>()?;
        let length = number(&[0, length[0], length[1], length[2]]) as usize;
        if self.rest.len() < 9 + length {
            return None;
        }
        let rest = self.rest.split_off(9 + length);
        let frame = std::mem::replace(&mut self.rest, rest);
        Some(Arrived {
            kind: frame[3],
            flags: frame[4],
            stream: number(&frame[5..]),
            payload: frame[9..].to_vec(),
        })
    }

    /// The next frame; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Arrived> {
        loop {
            if let Some(arrived) = self.take() {
                return Some(arrived);
            }
            let read = timeout(BOUND, self.from.read_buf(&mut self.rest)).await;
            if read.expect("comes in time").unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Waits for a frame of this kind, and leaves out the others.
    pub(crate) async fn until(&mut self, kind: u8) -> Arrived {
        loop {
            let next = self.next().await.expect("is open");
            if next.kind == kind {
                return next;
            }
        }
    }

    /// Waits until so much may be sent again over the connection.
    pub(crate) async fn until_window(&mut self, mut bytes: u32) {
        while bytes > 0 {
            let next = self.until(WINDOW_UPDATE).await;
            if next.stream == 0 {
                bytes -= number(&next.payload);
            }
        }
    }

    /// What comes over a stream until it ends.
    pub(crate) async fn answered(&mut self, stream: u32) -> Answered {
        let mut answered = Answered::default();
        loop {
            let next = self.next().await.expect("is open");
            match next.kind {
                GOAWAY => panic!("went away: {next:?}"),
                _ if next.stream != stream => continue,
                HEADERS => {
                    assert_eq!(&next.payload[..9], b"\x00\x07:status");
                    answered.status = String::from_utf8_lossy(&next.payload[10..13]).into();
                    answered.head = lines(&next.payload[13..]);
                }
                DATA => answered.body += &String::from_utf8_lossy(&next.payload),
                RST_STREAM => answered.reset = Some(number(&next.payload)),
                _ => {}
            }
            let ends = matches!(next.kind, DATA | HEADERS) && next.flags & END_STREAM != 0;
            if ends || answered.reset.is_some() {
                return answered;
            }
        }
    }

    /// Reads to the end; the code with which the connection was told to go away.
    pub(crate) async fn ended(&mut self) -> Option<u32> {
        let mut code = None;
        while let Some(next) = self.next().await {
            if next.kind == GOAWAY {
                code = Some(number(&next.payload[4..]));
            }
        }
        code
    }
}

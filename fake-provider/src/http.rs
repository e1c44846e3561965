//! Requests as they come over a connection, read at the wire level and within bounds. Knows no dialect.

mod body;
mod head;
mod headers;
mod limits;
mod reading;
mod reception;
mod stream;
#[cfg(test)]
mod tests;
mod values;

use fault_io::{Left, Tap};
use tokio::time::{Instant, timeout, timeout_at};

pub(crate) use headers::Headers;
pub use limits::Limits;
pub(crate) use reading::{BodyMost, Reading, Step};
pub(crate) use reception::{Held, Reception, Seat};
pub(crate) use stream::{bounds, receive};

/// A request, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// The query, without its question mark.
    pub(crate) query: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
    /// Whether the connection stays open afterwards.
    pub(crate) keep_alive: bool,
    /// Whether the peer understands chunked responses: HTTP/1.1.
    pub(crate) chunks: bool,
}

impl Request {
    /// The value of the first header of this name, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The key in `Authorization: Bearer KEY`.
    pub(crate) fn bearer(&self) -> Option<String> {
        let (scheme, key) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| key.trim().to_owned())
    }

    /// The value of a parameter of the query, as it stands there.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The peer left.
    Left(Left),
    /// Its seat was taken by a newer connection.
    Unseated,
    /// What came cannot be answered properly; the connection cannot go on.
    Refused(Box<Refused>),
}

/// What came, as far as it did, and why it is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) why: Why,
    /// The request without its body; nothing before its head had come.
    pub(crate) request: Option<Request>,
}

/// Why a request is refused before anybody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is not HTTP as it should be.
    Malformed { status: u16, message: &'static str },
    /// Its body is longer than so many bytes.
    TooLarge(usize),
}

impl Why {
    /// The head, or the body, came too slowly.
    const TOO_SLOW: Self = Self::Malformed {
        status: 408,
        message: "the request did not come in time",
    };
    /// Too much is being received already.
    const TOO_BUSY: Self = Self::Malformed {
        status: 503,
        message: "too much is being received at once",
    };
}

impl From<Left> for Broken {
    fn from(left: Left) -> Self {
        Self::Left(left)
    }
}

/// Whether these bytes hold all of a request, or no request at all.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let limits = Limits::default();
    let mut reading = Reading::new(&limits, &|_| usize::MAX);
    !matches!(reading.advance(bytes), Ok((_, Step::More | Step::Continue)))
}

/// Reads the next request of a connection, whose seat is left once its head has come. What follows it stays in the tap.
pub(crate) async fn read(
    tap: &mut Tap,
    seat: &mut Seat,
    body_most: BodyMost<'_>,
) -> Result<Request, Broken> {
    let limits = *seat.limits();
    let mut reading = Reading::new(&limits, body_most);
    let refused = |why, reading: Reading<'_>| {
        let request = reading.into_head();
        Err(Broken::Refused(Box::new(Refused { why, request })))
    };
    let mut deadline = None;
    let mut held = seat.hold();
    loop {
        match reading.advance(tap.inbound()) {
            Err(why) => return refused(why, reading),
            Ok((used, step)) => {
                if used > 0 {
                    tap.take(used);
                }
                match step {
                    Step::Done(request) => {
                        seat.leave();
                        return Ok(request);
                    }
                    Step::Continue => tap.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?,
                    Step::More => {}
                }
            }
        }
        let arrived = if reading.has_head() {
            seat.leave();
            if !held.grow(reading.received()) {
                return refused(Why::TOO_BUSY, reading);
            }
            timeout(limits.body_silence, tap.read()).await
        } else {
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + limits.head_within);
            tokio::select! {
                biased;
                arrived = timeout_at(deadline, tap.read()) => arrived,
                () = seat.taken() => return Err(Broken::Unseated),
            }
        };
        match arrived {
            Ok(arrived) => arrived?,
            Err(_) => return refused(Why::TOO_SLOW, reading),
        }
    }
}

//! A recorded exchange: what was asked, what came back and when, and how it ended. Knows neither files nor sockets.

use std::fmt;
use std::time::Duration;

use crate::http::Request;
use crate::recording::answer_reader::AnswerReader;

/// One exchange with a real provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedExchange {
    /// Whom it was with, as scheme, host and port.
    pub(crate) upstream: String,
    pub(crate) request: RecordedRequest,
    /// What came, in order: the bytes of HTTP/1.1, framing included, without TLS.
    pub(crate) pieces: Vec<Received>,
    pub(crate) ending: Ending,
    /// When it ended, counted from when the request had been sent.
    pub(crate) ended_at: Duration,
}

/// What was asked, without keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Counted from when the request had been sent.
    pub(crate) at: Duration,
    pub(crate) bytes: Vec<u8>,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Whole, and the connection stayed open.
    Open,
    /// With a FIN; over TLS after a close_notify.
    Fin,
    /// With a RST.
    Reset,
    /// With a FIN without a close_notify.
    TlsTruncated,
    /// With a fatal alert of TLS: this one.
    TlsAlert(String),
    /// Not: the client lost patience, or had what it wanted, and left.
    ClientLeft,
    /// Not: the recorder was stopped.
    Stopped,
}

impl RecordedExchange {
    /// All bytes of the answer.
    pub(crate) fn wire(&self) -> Vec<u8> {
        let pieces = self.pieces.iter();
        pieces.flat_map(|piece| piece.bytes.clone()).collect()
    }

    /// The answer as HTTP understands it.
    pub(crate) fn answer(&self) -> AnswerReader {
        let mut reader = AnswerReader::new(&self.request.method);
        reader.read(&self.wire());
        reader
    }

    /// Whether all of the answer came, by its own account.
    pub(crate) fn is_whole(&self) -> bool {
        let answer = self.answer();
        answer.is_whole() || (self.ending == Ending::Fin && answer.ends_with_the_connection())
    }
}

impl RecordedRequest {
    /// The same as the provider reads requests.
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: { request.headers.iter() }
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: request.body.clone(),
        }
    }
}

/// For a person.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("and the connection went on"),
            Self::Fin => f.write_str("then a FIN"),
            Self::Reset => f.write_str("then a RST"),
            Self::TlsTruncated => f.write_str("then a FIN without a close_notify"),
            Self::TlsAlert(alert) => write!(f, "then the TLS alert {alert}"),
            Self::ClientLeft => f.write_str("then silence until the client left"),
            Self::Stopped => f.write_str("then silence until the recorder was stopped"),
        }
    }
}

//! *What* a fault does once its point is reached. Knows no point and no bytes of any protocol.

mod name;
mod parameter;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use name::ActionName;
pub use parameter::{Alert, End, ErrorEvent, ErrorShape, RawBytes, StatusAnswer, StreamCode};

use crate::duration::HumanDuration;

/// What happens at the point.
///
/// Where an action speaks of *the event at the point*, it is the event that holds the next byte after it; in an answer that is
/// no stream it is the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// The provider answers with an error status, in its own body and headers, instead of the reply.
    Status(StatusAnswer),
    /// The connection is closed with a FIN, without ending the transfer coding.
    Close,
    /// The connection is torn down with a RST, once the peer has taken everything sent before it.
    Reset,
    /// Nothing more is sent; the connection stays open. Ends with the client's leaving, or after `lasting`, when it is closed with a FIN.
    Stall {
        /// How long the silence lasts at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lasting: Option<HumanDuration>,
    },
    /// Silence for a while, then the exchange goes on as if nothing had happened.
    Delay {
        /// How long the silence lasts.
        lasting: HumanDuration,
    },
    /// From here on the rest leaves a few bytes at a time.
    Drip {
        /// So many bytes at a time.
        bytes: u64,
        /// The silence before each of them.
        every: HumanDuration,
    },
    /// The body ends here, in a way that is clean HTTP: the lie is only in what was not said.
    Truncate,
    /// Our side is closed with a FIN, and the peer's side is read on until the peer leaves.
    HalfClose,
    /// The dialect's own error inside a 200 answer, after which the answer ends as the dialect ends one that failed.
    ErrorEvent(ErrorEvent),
    /// The event at the point is no JSON: it lacks its last closing bracket.
    MalformJson,
    /// A byte that is no UTF-8 (0xFF) stands at the point.
    MalformUtf8,
    /// From here on the rest leaves in pieces of so many bytes, wherever that cuts events and characters.
    Split {
        /// Bytes in each piece.
        bytes: u64,
    },
    /// The event at the point is sent twice.
    Duplicate,
    /// The event at the point is not sent.
    Drop,
    /// The event at the point and the next one change places.
    Reorder,
    /// The head names another content type than the body has.
    WrongContentType {
        /// What it names.
        content_type: String,
    },
    /// The head promises more bytes than come before the FIN.
    ShortContentLength {
        /// So many are missing.
        by: u64,
    },
    /// The body is sent as gzip, and its compressed form is broken at the point.
    CorruptGzip,
    /// The next chunk has a size that is no number.
    BadChunk,
    /// A page for a browser comes instead of the answer, with status 200.
    Html,
    /// Status 200 and an empty body come instead of the answer.
    Empty,
    /// Random bytes come instead of the rest, then a FIN.
    Garbage {
        /// How many bytes.
        bytes: u64,
    },
    /// The event at the point is padded to this size, with spaces before its last closing bracket, which mean nothing in JSON.
    Huge {
        /// Bytes of the whole event.
        bytes: u64,
    },
    /// The body begins with U+FEFF.
    Bom,
    /// Lines end in CRLF instead of LF.
    Crlf,
    /// From here on only the dialect's keep-alives come, until the peer leaves.
    KeepaliveForever {
        /// The silence before each of them.
        every: HumanDuration,
    },
    /// The connection was promised to stay open, and the next request on it gets no answer: it is closed without a byte.
    StaleKeepalive {
        /// How it is closed.
        end: End,
    },
    /// HTTP/2: the connection is told to go away (`GOAWAY`).
    Goaway {
        /// Why.
        code: StreamCode,
    },
    /// HTTP/2: the stream of this answer is reset (`RST_STREAM`).
    ResetStream {
        /// Why.
        code: StreamCode,
    },
    /// TLS: a fatal alert, then a FIN.
    TlsAlert {
        /// Which one.
        alert: Alert,
    },
    /// TLS: the connection is closed with a FIN and without `close_notify`.
    TlsTruncate,
    /// TLS: the certificate's time is over.
    ExpiredCertificate,
    /// TLS: the certificate is for another host.
    WrongName,
    /// These bytes come instead of the rest, then a FIN.
    Raw {
        /// The bytes.
        data: RawBytes,
    },
}

impl Action {
    /// Which kind of action this is.
    #[must_use]
    pub const fn name(&self) -> ActionName {
        use ActionName as N;
        match self {
            Self::Status(_) => N::Status,
            Self::Close => N::Close,
            Self::Reset => N::Reset,
            Self::Stall { .. } => N::Stall,
            Self::Delay { .. } => N::Delay,
            Self::Drip { .. } => N::Drip,
            Self::Truncate => N::Truncate,
            Self::HalfClose => N::HalfClose,
            Self::ErrorEvent(_) => N::ErrorEvent,
            Self::MalformJson => N::MalformJson,
            Self::MalformUtf8 => N::MalformUtf8,
            Self::Split { .. } => N::Split,
            Self::Duplicate => N::Duplicate,
            Self::Drop => N::Drop,
            Self::Reorder => N::Reorder,
            Self::WrongContentType { .. } => N::WrongContentType,
            Self::ShortContentLength { .. } => N::ShortContentLength,
            Self::CorruptGzip => N::CorruptGzip,
            Self::BadChunk => N::BadChunk,
            Self::Html => N::Html,
            Self::Empty => N::Empty,
            Self::Garbage { .. } => N::Garbage,
            Self::Huge { .. } => N::Huge,
            Self::Bom => N::Bom,
            Self::Crlf => N::Crlf,
            Self::KeepaliveForever { .. } => N::KeepaliveForever,
            Self::StaleKeepalive { .. } => N::StaleKeepalive,
            Self::Goaway { .. } => N::Goaway,
            Self::ResetStream { .. } => N::ResetStream,
            Self::TlsAlert { .. } => N::TlsAlert,
            Self::TlsTruncate => N::TlsTruncate,
            Self::ExpiredCertificate => N::ExpiredCertificate,
            Self::WrongName => N::WrongName,
            Self::Raw { .. } => N::Raw,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::Status(answer) => write!(f, "status {}", answer.status),
            Self::Stall {
                lasting: Some(lasting),
            } => write!(f, "stall for {lasting}"),
            Self::Delay { lasting } => write!(f, "delay of {lasting}"),
            Self::Drip { bytes, every } => write!(f, "drip of {bytes} bytes every {every}"),
            Self::Split { bytes } => write!(f, "split into pieces of {bytes} bytes"),
            Self::WrongContentType { content_type } => write!(f, "content type {content_type}"),
            Self::ShortContentLength { by } => write!(f, "{name} by {by} bytes"),
            Self::Garbage { bytes } => write!(f, "{bytes} bytes of garbage"),
            Self::Huge { bytes } => write!(f, "huge event of {bytes} bytes"),
            Self::KeepaliveForever { every } => write!(f, "{name} every {every}"),
            Self::StaleKeepalive { end } => write!(f, "{name} ({end})"),
            Self::Goaway { code } | Self::ResetStream { code } => write!(f, "{name} {code}"),
            Self::TlsAlert { alert } => write!(f, "{name} {alert}"),
            Self::Raw { data } => write!(f, "{} raw bytes", data.0.len()),
            _ => f.write_str(name.as_str()),
        }
    }
}

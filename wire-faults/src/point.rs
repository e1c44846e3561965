//! *Where* a fault happens: by what the exchange has reached, never by the clock.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in an exchange.
///
/// `text`, `reasoning` and `tool-arguments` count bytes of the decoded value (UTF-8, JSON escapes resolved); `headers` and `event` count
/// wire bytes before transfer coding, `request` those that were read, whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Point {
    /// The listener itself: a connection is refused.
    ///
    /// Nobody sees a connection that is refused, so this is tied to what precedes it: the listener and the idle connections
    /// are closed as the preceding answer is over (for call 1 of run 1: from the start) and stay closed until the faults are
    /// lifted. With an `attempt`, the preceding answer is that to the attempt before it; refused ones are not counted.
    Connect,
    /// A connection was accepted, and nothing was read from it.
    ///
    /// Which request would come over it cannot be known, so this is tied to what precedes it, like [`Point::Connect`]: it
    /// happens to the next connection that is opened once the preceding answer is over, and that connection counts as the
    /// attempt it is scripted for.
    Accept,
    /// In the TLS handshake; tied to what precedes it, like [`Point::Accept`].
    Tls,
    /// So many bytes of the request were read, head and body together; tied to what precedes it, like [`Point::Accept`]. Over HTTP/2 the
    /// head comes whole, compressed and uncounted, so they are those of the body.
    Request {
        /// Bytes of the request that are read.
        after_bytes: u64,
    },
    /// The request was read; nothing of the answer has been sent.
    BeforeHeaders,
    /// Inside the response head, after this many bytes of it.
    Headers {
        /// Bytes of the head that are sent.
        after_bytes: u64,
    },
    /// The head is out, nothing of the body.
    BeforeBody,
    /// At an event of a streamed body (a frame of the dialect), counted from 1.
    Event(EventPoint),
    /// Inside the text of the answer, after this many decoded bytes.
    Text {
        /// Bytes of decoded text that are sent.
        after_bytes: u64,
    },
    /// Inside the model's reasoning, after this many decoded bytes.
    Reasoning {
        /// Bytes of decoded reasoning that are sent.
        after_bytes: u64,
    },
    /// Inside the arguments of the tool calls, after this many decoded bytes over all calls.
    ToolArguments {
        /// Bytes of decoded arguments that are sent.
        after_bytes: u64,
    },
    /// Before the event that says why the answer ended.
    BeforeFinish,
    /// Before the dialect's terminal marker.
    BeforeEnd,
    /// After the terminal marker, before the end of the transfer coding.
    AfterEnd,
    /// After a whole exchange, on the connection that was kept alive.
    Idle,
}

/// A place at an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EventPoint {
    /// Before the n-th event.
    Before(u32),
    /// After the n-th event.
    After(u32),
    /// Inside the n-th event, after this many bytes of it.
    Inside {
        /// Which event, from 1.
        event: u32,
        /// Bytes of the event that are sent.
        after_bytes: u64,
    },
}

/// The names of the points, as they are written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PointName {
    /// The listener refuses connections.
    Connect,
    /// After a connection was accepted, before anything is read from it.
    Accept,
    /// In the TLS handshake.
    Tls,
    /// While the request is read (`after_bytes` of it; over HTTP/2 of its body).
    Request,
    /// After the request was read, before any byte of the answer.
    BeforeHeaders,
    /// Inside the response head (`after_bytes`).
    Headers,
    /// After the head, before the body.
    BeforeBody,
    /// At an event of the stream (`before`, `after`, or `inside` with `after_bytes`).
    Event,
    /// Inside the answer's text (`after_bytes`).
    Text,
    /// Inside the model's reasoning (`after_bytes`).
    Reasoning,
    /// Inside the tool calls' arguments (`after_bytes`).
    ToolArguments,
    /// Before the event that carries the finish reason.
    BeforeFinish,
    /// Before the terminal marker.
    BeforeEnd,
    /// After the terminal marker.
    AfterEnd,
    /// Between requests, on a connection that was kept alive.
    Idle,
}

impl PointName {
    /// Every point, in the order of an exchange.
    pub const ALL: [Self; 15] = [
        Self::Connect,
        Self::Accept,
        Self::Tls,
        Self::Request,
        Self::BeforeHeaders,
        Self::Headers,
        Self::BeforeBody,
        Self::Event,
        Self::Text,
        Self::Reasoning,
        Self::ToolArguments,
        Self::BeforeFinish,
        Self::BeforeEnd,
        Self::AfterEnd,
        Self::Idle,
    ];

    /// The name as it is written in a scenario.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Accept => "accept",
            Self::Tls => "tls",
            Self::Request => "request",
            Self::BeforeHeaders => "before-headers",
            Self::Headers => "headers",
            Self::BeforeBody => "before-body",
            Self::Event => "event",
            Self::Text => "text",
            Self::Reasoning => "reasoning",
            Self::ToolArguments => "tool-arguments",
            Self::BeforeFinish => "before-finish",
            Self::BeforeEnd => "before-end",
            Self::AfterEnd => "after-end",
            Self::Idle => "idle",
        }
    }
}

impl PointName {
    /// Whether this is reached before a request has been read, so that which request it would be can only be told from what
    /// precedes it.
    #[must_use]
    pub const fn precedes_the_request(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::Accept | Self::Tls | Self::Request
        )
    }

    /// Whether this is a place in the body of an answer, before its end.
    #[must_use]
    pub const fn is_in_body(self) -> bool {
        matches!(
            self,
            Self::BeforeBody
                | Self::Event
                | Self::Text
                | Self::Reasoning
                | Self::ToolArguments
                | Self::BeforeFinish
                | Self::BeforeEnd
        )
    }
}

impl Point {
    /// Which kind of point this is.
    #[must_use]
    pub const fn name(self) -> PointName {
        match self {
            Self::Connect => PointName::Connect,
            Self::Accept => PointName::Accept,
            Self::Tls => PointName::Tls,
            Self::Request { .. } => PointName::Request,
            Self::BeforeHeaders => PointName::BeforeHeaders,
            Self::Headers { .. } => PointName::Headers,
            Self::BeforeBody => PointName::BeforeBody,
            Self::Event(_) => PointName::Event,
            Self::Text { .. } => PointName::Text,
            Self::Reasoning { .. } => PointName::Reasoning,
            Self::ToolArguments { .. } => PointName::ToolArguments,
            Self::BeforeFinish => PointName::BeforeFinish,
            Self::BeforeEnd => PointName::BeforeEnd,
            Self::AfterEnd => PointName::AfterEnd,
            Self::Idle => PointName::Idle,
        }
    }
}

impl fmt::Display for PointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { after_bytes } => write!(f, "after {after_bytes} bytes of the request"),
            Self::Headers { after_bytes } => write!(f, "after {after_bytes} bytes of the head"),
            Self::Text { after_bytes } => write!(f, "after {after_bytes} bytes of text"),
            Self::Reasoning { after_bytes } => write!(f, "after {after_bytes} bytes of reasoning"),
            Self::ToolArguments { after_bytes } => {
                write!(f, "after {after_bytes} bytes of tool arguments")
            }
            Self::Event(EventPoint::Before(n)) => write!(f, "before event {n}"),
            Self::Event(EventPoint::After(n)) => write!(f, "after event {n}"),
            Self::Event(EventPoint::Inside { event, after_bytes }) => {
                write!(f, "inside event {event}, after {after_bytes} bytes")
            }
            Self::BeforeHeaders => f.write_str("before the head"),
            Self::BeforeBody => f.write_str("before the body"),
            Self::BeforeFinish => f.write_str("before the finish reason"),
            Self::BeforeEnd => f.write_str("before the end marker"),
            Self::AfterEnd => f.write_str("after the end marker"),
            Self::Connect => f.write_str("at connect"),
            Self::Accept => f.write_str("at accept"),
            Self::Tls => f.write_str("in the TLS handshake"),
            Self::Idle => f.write_str("on the idle connection"),
        }
    }
}

//! What a streamed response is cut into, whichever way its dialect frames it. Knows no JSON and no provider.

use super::lines::LineParser;
use super::sse::SseParser;

/// One thing that a stream said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// An event: of server-sent events, or a line of newline-delimited JSON.
    Event(StreamEvent),
    /// A comment line, without its colon. Servers send them to keep a connection open.
    Comment(Vec<u8>),
    /// What stood between the events and is none, told when the stream has ended. It is never part of an answer, but may be an
    /// error: Google writes one bare into a stream of events.
    Stray(Vec<u8>),
}

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamEvent {
    /// The `event` field; empty when there was none, and in dialects that have none.
    pub event: String,
    /// The `data` lines, joined by line feeds; or the line.
    pub data: Vec<u8>,
    /// The last `id` field seen in the stream so far.
    pub id: String,
    /// The `retry` field of this event, in milliseconds.
    pub retry: Option<u64>,
}

/// A line or event longer than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub(crate) struct EventTooLarge {
    /// The limit, in bytes.
    pub limit: usize,
}

/// How a dialect frames its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    ServerSentEvents,
    /// One JSON object a line.
    JsonLines,
}

impl Framing {
    /// The media type that such a stream has.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::ServerSentEvents => "text/event-stream",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    /// A reader of one such stream that refuses an event larger than `limit` bytes.
    pub(super) fn cutter(self, limit: usize) -> StreamCutter {
        match self {
            Self::ServerSentEvents => StreamCutter::Events(SseParser::new(limit)),
            Self::JsonLines => StreamCutter::Lines(LineParser::new(limit)),
        }
    }
}

/// Cuts one stream into items.
#[derive(Debug)]
pub(super) enum StreamCutter {
    Events(SseParser),
    Lines(LineParser),
}

impl StreamCutter {
    /// Takes the next bytes, and says what they completed.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<StreamItem>, EventTooLarge> {
        match self {
            Self::Events(parser) => parser.push(bytes),
            Self::Lines(parser) => parser.push(bytes),
        }
    }

    /// What is left when the stream has ended: a last line without its line feed, if it is whole by itself; or what was no event.
    /// An event without its blank line never counts.
    pub(super) fn rest(&mut self) -> Option<StreamItem> {
        match self {
            Self::Events(parser) => parser.stray(),
            Self::Lines(parser) => parser.rest(),
        }
    }
}

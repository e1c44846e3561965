//! A response, prepared before any of it is sent: its bytes, and where in them the points of a fault lie.
//!
//! Knows no dialect: whoever writes the body says where its events, its text, its finish and its end are.

use std::ops::Range;
use std::time::Duration;

use crate::keep_alive::KeepAlive;
use crate::wire::Parts;

/// A response that has not been sent.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// Status line and header lines, each ended by CRLF. Without the framing header, `Connection`, and the blank line.
    pub head: Vec<u8>,
    /// The body before any transfer coding.
    pub body: Vec<u8>,
    /// The frames of the body, in order and without gaps. One frame becomes one chunk.
    pub frames: Vec<Frame>,
    /// How the end of the body is told.
    pub framing: Framing,
    /// Whether the connection closes after this response.
    pub closes: bool,
    /// Where things are in the body.
    pub marks: Marks,
    /// Silence before each event, without a fault: a slow stream.
    pub pace: Option<Duration>,
    /// Silences of their own, beside that: before each event in order, or one before a response without events.
    pub pauses: Vec<Duration>,
    /// What the dialect says inside an answer that failed after a 200: the events of a stream, or one whole document. Only asked
    /// for where a fault wants it; empty where the dialect has nothing of the kind.
    pub error_event: Vec<Vec<u8>>,
    /// What says that the connection lives; empty where the dialect has nothing.
    pub keep_alive: KeepAlive,
    /// Decides what a fault leaves to chance.
    pub seed: u64,
    /// Whether it leaves over TLS.
    pub secure: bool,
    /// Whether it leaves as a stream of HTTP/2.
    pub http2: bool,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its bytes in the body.
    pub bytes: Range<usize>,
    /// Whether it is an event of the dialect.
    pub is_event: bool,
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`.
    #[default]
    ContentLength,
    /// By the connection's end.
    CloseDelimited,
}

/// Where the points of a fault lie in the body.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// The text of the answer.
    pub text: Track,
    /// The model's reasoning.
    pub reasoning: Track,
    /// The arguments of the tool calls, over all calls.
    pub arguments: Track,
    /// Where that which carries the finish reason begins.
    pub finish: Option<usize>,
    /// Where the dialect's terminal marker begins.
    pub end: Option<usize>,
}

/// Where the bytes of a decoded value are in the encoded body.
#[derive(Debug, Clone, Default)]
pub struct Track {
    /// In order. Nearly every text is one run a piece, since most bytes are encoded as they are.
    runs: Vec<Run>,
    len: usize,
}

/// Decoded bytes of which each is encoded in as many bytes of the body, one after the other.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// How many decoded bytes are before it.
    decoded: usize,
    /// Where it begins in the body.
    encoded: usize,
    /// How many bytes of the body a decoded byte takes.
    width: usize,
}

impl Track {
    /// Notes that the next decoded byte is encoded in these bytes of the body.
    pub fn push(&mut self, encoded: Range<usize>) {
        self.push_all(encoded, 1);
    }

    /// Notes that the next decoded bytes are encoded in these bytes of the body, each in as many.
    pub fn push_all(&mut self, encoded: Range<usize>, decoded: usize) {
        let Some(width) = encoded.len().checked_div(decoded) else {
            return;
        };
        let goes_on = self.runs.last().is_some_and(|run| {
            run.width == width && run.encoded + (self.len - run.decoded) * width == encoded.start
        });
        if !goes_on {
            self.runs.push(Run {
                decoded: self.len,
                encoded: encoded.start,
                width,
            });
        }
        self.len += decoded;
    }

    /// How many decoded bytes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many decoded bytes are encoded within a part of the body.
    #[must_use]
    pub fn within(&self, part: Range<usize>) -> usize {
        let behind = self.runs.partition_point(|run| run.encoded < part.start);
        let first = behind.saturating_sub(1);
        let ends = { self.runs.iter().skip(first + 1) }.map(|run| run.decoded);
        let runs = self.runs.iter().skip(first).zip(ends.chain([self.len]));
        let within = runs
            .take_while(|(run, _)| run.encoded < part.end)
            .map(|(run, end)| {
                let before = |at: usize| {
                    let encoded = at.saturating_sub(run.encoded);
                    encoded.div_ceil(run.width.max(1)).min(end - run.decoded)
                };
                before(part.end) - before(part.start)
            });
        within.sum()
    }

    /// Where the body has to be cut so that exactly so many decoded bytes are before the cut.
    #[must_use]
    pub fn after(&self, decoded: u64) -> Option<usize> {
        let decoded = usize::try_from(decoded).ok()?;
        if decoded > self.len {
            return None;
        }
        let Some(last) = decoded.checked_sub(1) else {
            return self.runs.first().map(|run| run.encoded);
        };
        let after = self.runs.partition_point(|run| run.decoded <= last);
        let run = self.runs.get(after.checked_sub(1)?)?;
        Some(run.encoded + (decoded - run.decoded) * run.width)
    }
}

impl Response {
    /// A response that is nothing at all: for what happens before there is one, and between two.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What of it is encoded.
    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts {
            head: &self.head,
            body: &self.body,
            frames: &self.frames,
            framing: self.framing,
            closes: self.closes,
            missing: 0,
            bad_chunk: None,
            http2: self.http2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_tells_each_byte_whatever_its_neighbours_are() {
        // As `ab"\u0001c` after a gap: plain, plain, an escape of two, one of six, plain, and one elsewhere.
        let places = [3..4, 4..5, 5..7, 7..13, 13..14, 30..31];
        let mut track = Track::default();
        assert_eq!((track.after(0), track.is_empty()), (None, true));
        track.push_all(3..5, 2);
        for place in &places[2..] {
            track.push(place.clone());
        }
        assert_eq!((track.len(), track.after(0)), (6, Some(3)));
        for (before, place) in (1_u64..).zip(&places) {
            assert_eq!(track.after(before), Some(place.end), "{before}");
        }
        assert_eq!(track.after(7), None);
        let counts = [
            (0..3, 0),
            (0..60, 6),
            (3..5, 2),
            (4..13, 3),
            (14..30, 0),
            (13..31, 2),
        ];
        for (part, bytes) in counts {
            assert_eq!(track.within(part.clone()), bytes, "{part:?}");
        }
    }
}

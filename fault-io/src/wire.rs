//! The bytes of a response on the wire of HTTP/1.1 (RFC 9112), and where in them everything is. Pure; knows no fault.

use std::io::Write as _;
use std::ops::Range;

use crate::place::Place;
use crate::response::{Frame, Framing};

/// What is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// Status line and header lines; where there is none, nothing is added to it.
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) frames: &'a [Frame],
    pub(crate) framing: Framing,
    pub(crate) closes: bool,
    /// By how much the head promises more than there is.
    pub(crate) missing: u64,
    /// Before which frame the chunk header is none.
    pub(crate) bad_chunk: Option<usize>,
    /// Whether the frames are those of HTTP/2, which are counted without their headers.
    pub(crate) http2: bool,
}

/// What stands where the size of a chunk should: no hexadecimal digit (RFC 9112, section 7.1).
pub(crate) const NO_SIZE: &[u8] = b"zz\r\n";

/// The end of a chunked body, without trailers.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Where everything is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// Length of the head, with its blank line.
    pub(crate) head: usize,
    /// Each frame: its whole place, and that of its data without the coding.
    pub(crate) frames: Vec<Coded>,
    /// Where the end of the transfer coding begins.
    pub(crate) terminator: usize,
    /// Whether the head leaves as a whole or not at all.
    pub(crate) whole_head: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Coded {
    pub(crate) whole: Range<usize>,
    data: Range<usize>,
    body: Range<usize>,
}

impl Parts<'_> {
    /// Encodes it, without a note of where anything is. Also tells the length of the head.
    pub(crate) fn encode(&self) -> (Vec<u8>, usize) {
        self.write(|_| {})
    }

    /// Encodes it, and notes where everything is.
    pub(crate) fn lay_out(&self) -> (Vec<u8>, Layout) {
        let mut frames = Vec::with_capacity(self.frames.len());
        let (bytes, head) = self.write(|coded| frames.push(coded));
        let layout = Layout {
            terminator: frames.last().map_or(head, |last: &Coded| last.whole.end),
            head,
            frames,
            whole_head: self.http2,
        };
        (bytes, layout)
    }

    fn write(&self, mut note: impl FnMut(Coded)) -> (Vec<u8>, usize) {
        // A chunk's size and line ends are rarely longer; a head's framing headers never are.
        let coding = 80 + self.frames.len() * 12;
        let mut bytes = Vec::with_capacity(self.head.len() + self.body.len() + coding);
        match self.http2 {
            true => bytes.extend_from_slice(&compressible(self.head)),
            false => bytes.extend_from_slice(self.head),
        }
        if !self.head.is_empty() {
            self.framing_headers(&mut bytes);
        }
        let head = bytes.len();
        let chunked = self.framing == Framing::Chunked && !self.head.is_empty() && !self.http2;
        for (index, frame) in self.frames.iter().enumerate() {
            let start = bytes.len();
            // A chunk of no bytes would be the last one.
            let chunked = chunked && !frame.bytes.is_empty();
            if chunked {
                let size = (self.bad_chunk != Some(index)).then_some(frame.bytes.len());
                chunk_header(&mut bytes, size);
            }
            let data = bytes.len();
            bytes.extend_from_slice(&self.body[frame.bytes.clone()]);
            let data = data..bytes.len();
            if chunked {
                bytes.extend_from_slice(b"\r\n");
            }
            note(Coded {
                whole: start..bytes.len(),
                data,
                body: frame.bytes.clone(),
            });
        }
        if chunked {
            let broken = self.bad_chunk == Some(self.frames.len());
            bytes.extend_from_slice(if broken { NO_SIZE } else { LAST_CHUNK });
        }
        (bytes, head)
    }

    fn framing_headers(&self, head: &mut Vec<u8>) {
        let closes = self.closes || self.framing == Framing::CloseDelimited;
        match self.framing {
            Framing::Chunked if self.http2 => {}
            Framing::Chunked => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
            Framing::ContentLength => {
                let length = self.body.len() as u64 + self.missing;
                // Writing to a vector cannot fail.
                let _ = write!(head, "content-length: {length}\r\n");
            }
            Framing::CloseDelimited => {}
        }
        let connection: &[u8] = match closes {
            _ if self.http2 => b"\r\n",
            true => b"connection: close\r\n\r\n",
            false => b"connection: keep-alive\r\n\r\n",
        };
        head.extend_from_slice(connection);
    }
}

/// The header of a chunk of this size; of no size at all without one.
fn chunk_header(bytes: &mut Vec<u8>, size: Option<usize>) {
    match size {
        Some(size) => {
            // Writing to a vector cannot fail.
            let _ = write!(bytes, "{size:x}\r\n");
        }
        None => bytes.extend_from_slice(NO_SIZE),
    }
}

/// A head as HTTP/2 can tell it, still written as a text: without a reason, with names in lower case, and without what would
/// speak of the connection (RFC 9113, sections 8.2 and 8.3.2).
fn compressible(head: &[u8]) -> Vec<u8> {
    const OF_THE_CONNECTION: [&str; 4] =
        ["connection", "keep-alive", "transfer-encoding", "upgrade"];
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split_terminator("\r\n");
    let Some(first) = lines.next() else {
        return Vec::new();
    };
    let status = first.split(' ').nth(1).unwrap_or_default();
    let mut compressible = format!("HTTP/1.1 {status} \r\n");
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = name.to_ascii_lowercase();
        if !OF_THE_CONNECTION.contains(&name.as_str()) {
            compressible.push_str(&format!("{name}: {}\r\n", value.trim()));
        }
    }
    compressible.into_bytes()
}

/// One frame as it leaves in this framing.
pub(crate) fn coded(frame: &[u8], framing: Framing) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(frame.len() + 12);
    match framing {
        Framing::Chunked => {
            chunk_header(&mut bytes, Some(frame.len()));
            bytes.extend_from_slice(frame);
            bytes.extend_from_slice(b"\r\n");
        }
        Framing::ContentLength | Framing::CloseDelimited => bytes.extend_from_slice(frame),
    }
    bytes
}

impl Layout {
    /// How many bytes of the wire are before a place; nothing if there is no such place.
    pub(crate) fn position(&self, place: Place) -> Option<usize> {
        match place {
            Place::Head(after) => {
                let after = usize::try_from(after).ok()?;
                let halves = self.whole_head && after > 0 && after < self.head;
                (after <= self.head && !halves).then_some(after)
            }
            Place::Body => Some(self.head),
            Place::End => Some(self.terminator),
            Place::Gone => None,
            Place::Inside { at, tight: true } => {
                let mut frames = self.frames.iter();
                let within = |coded: &&Coded| coded.body.start < at && at <= coded.body.end;
                let coded = frames.find(within)?;
                Some(coded.data.start + (at - coded.body.start))
            }
            Place::Inside { at, tight: false } => Some(self.before_byte(at)),
        }
    }

    /// Before a byte of the body: before the whole frame, where it is the first of one, and before the end of the coding where
    /// there is none.
    fn before_byte(&self, at: usize) -> usize {
        let mut frames = self.frames.iter();
        match frames.find(|coded| coded.body.contains(&at)) {
            Some(coded) if coded.body.start == at => coded.whole.start,
            Some(coded) => coded.data.start + (at - coded.body.start),
            None => self.terminator,
        }
    }
}

#[cfg(test)]
mod tests {
    use wire_faults::{EventPoint, Point};

    use super::*;
    use crate::example::{streamed, whole};
    use crate::response::Response;

    fn cut(response: &Response, point: Point) -> Option<String> {
        let (bytes, layout) = response.parts().lay_out();
        let position = layout.position(Place::of(response, point)?)?;
        let body = &bytes[layout.head.min(position)..position];
        Some(String::from_utf8_lossy(body).into_owned())
    }

    #[test]
    fn a_chunked_response_is_cut_where_it_is_meant() {
        let response = streamed();
        let cut = |point| cut(&response, point);
        assert_eq!(cut(Point::BeforeBody).as_deref(), Some(""));
        assert_eq!(
            cut(Point::Event(EventPoint::Before(2))).as_deref(),
            Some("d\r\n{\"why\":\"so\"}\n\r\n")
        );
        assert_eq!(
            cut(Point::Event(EventPoint::After(1))).as_deref(),
            Some("d\r\n{\"why\":\"so\"}\n\r\n")
        );
        let inside = |after_bytes| {
            cut(Point::Event(EventPoint::Inside {
                event: 1,
                after_bytes,
            }))
        };
        assert_eq!(inside(0).as_deref(), Some(""));
        assert_eq!(inside(1).as_deref(), Some("d\r\n{"));
        assert_eq!(inside(13).as_deref(), Some("d\r\n{\"why\":\"so\"}\n"));
        assert_eq!(inside(14), None);
        let reasoning = Point::Reasoning { after_bytes: 1 };
        assert_eq!(cut(reasoning).as_deref(), Some("d\r\n{\"why\":\"s"));
        let text = |after_bytes| cut(Point::Text { after_bytes });
        assert!(text(1).is_some_and(|cut| cut.ends_with("e\r\n{\"text\":\"a")));
        assert!(text(3).is_some_and(|cut| cut.ends_with("ab\"}\n\r\nd\r\n{\"text\":\"c")));
        assert_eq!(text(4), None);
        assert!(cut(Point::BeforeFinish).is_some_and(|cut| cut.ends_with("{\"args\":{}}\n\r\n")));
        assert!(cut(Point::BeforeEnd).is_some_and(|cut| cut.ends_with("{\"finish\":1}\n\r\n")));
        assert!(cut(Point::AfterEnd).is_some_and(|cut| cut.ends_with("{\"end\":1}\n\r\n")));
        assert_eq!(cut(Point::Connect), None);
    }

    #[test]
    fn a_document_has_no_events_and_no_marker() {
        let response = whole();
        assert_eq!(cut(&response, Point::Event(EventPoint::Before(1))), None);
        assert_eq!(cut(&response, Point::BeforeEnd), None);
        assert_eq!(
            cut(&response, Point::Text { after_bytes: 2 }).as_deref(),
            Some("{\"why\":\"so\",\"text\":\"ab")
        );
        let whole = String::from_utf8(response.body.clone()).expect("is text");
        assert_eq!(cut(&response, Point::AfterEnd), Some(whole));
    }

    #[test]
    fn the_head_is_counted_with_its_framing() {
        let response = whole();
        let head = response.parts().lay_out().1.head as u64;
        assert!(cut(&response, Point::Headers { after_bytes: head }).is_some());
        let past = Point::Headers {
            after_bytes: head + 1,
        };
        assert!(cut(&response, past).is_none());
    }
}

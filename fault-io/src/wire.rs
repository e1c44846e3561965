//! The bytes of a response on the wire, and where in them a point of a fault lies. Pure.

use std::cmp::Ordering;
use std::ops::Range;

use wire_faults::{EventPoint, Point};

use crate::response::{Framing, Response};

/// A response with its transfer coding.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// Every byte, in order.
    pub(crate) bytes: Vec<u8>,
    /// Length of the head, with its blank line.
    pub(crate) head: usize,
    /// Each frame: its whole place, and that of its data without the coding.
    frames: Vec<Coded>,
    /// Where the end of the transfer coding begins.
    terminator: usize,
}

#[derive(Debug, Clone)]
struct Coded {
    whole: Range<usize>,
    data: Range<usize>,
}

/// A place where a response can be interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Bytes of the wire before it.
    pub(crate) wire: usize,
    /// Bytes of the body before it, once the head is over.
    pub(crate) body: usize,
}

impl Wire {
    /// Encodes a response.
    pub(crate) fn of(response: &Response) -> Self {
        let mut bytes = Vec::with_capacity(response.head.len() + response.body.len() + 128);
        bytes.extend_from_slice(&response.head);
        if !response.head.is_empty() {
            bytes.extend_from_slice(framing_headers(response).as_bytes());
        }
        let head = bytes.len();
        let chunked = response.framing == Framing::Chunked;
        let mut frames = Vec::with_capacity(response.frames.len());
        for frame in &response.frames {
            let start = bytes.len();
            if chunked {
                bytes.extend_from_slice(format!("{:x}\r\n", frame.bytes.len()).as_bytes());
            }
            let data = bytes.len()..bytes.len() + frame.bytes.len();
            bytes.extend_from_slice(&response.body[frame.bytes.clone()]);
            if chunked {
                bytes.extend_from_slice(b"\r\n");
            }
            frames.push(Coded {
                whole: start..bytes.len(),
                data,
            });
        }
        let terminator = bytes.len();
        if chunked {
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
        Self {
            bytes,
            head,
            frames,
            terminator,
        }
    }

    /// Where the events of the response begin, for a stream that is slow.
    pub(crate) fn event_starts(&self, response: &Response) -> Vec<usize> {
        let frames = self.frames.iter().zip(&response.frames);
        frames
            .filter(|(_, frame)| frame.is_event)
            .map(|(coded, _)| coded.whole.start)
            .collect()
    }

    /// Where a point lies; nothing if this response has no such point.
    pub(crate) fn place(&self, response: &Response, point: Point) -> Option<Place> {
        let marks = &response.marks;
        match point {
            Point::Connect
            | Point::Accept
            | Point::Tls
            | Point::Request { .. }
            | Point::Reasoning { .. } => None,
            Point::BeforeHeaders | Point::Idle => Some(Place { wire: 0, body: 0 }),
            Point::Headers { after_bytes } => {
                let wire = usize::try_from(after_bytes).ok()?;
                (wire <= self.head).then_some(Place { wire, body: 0 })
            }
            Point::BeforeBody => Some(Place {
                wire: self.head,
                body: 0,
            }),
            Point::Event(event) => self.event(response, event),
            Point::Text { after_bytes } => self.inside(response, marks.text.after(after_bytes)?),
            Point::ToolArguments { after_bytes } => {
                self.inside(response, marks.arguments.after(after_bytes)?)
            }
            Point::BeforeFinish => self.inside(response, marks.finish?),
            Point::BeforeEnd => self.inside(response, marks.end?),
            Point::AfterEnd => Some(Place {
                wire: self.terminator,
                body: response.body.len(),
            }),
        }
    }

    fn event(&self, response: &Response, event: EventPoint) -> Option<Place> {
        let (number, within) = match event {
            EventPoint::Before(number) => (number, None),
            EventPoint::After(number) => (number, Some(u64::MAX)),
            EventPoint::Inside { event, after_bytes } => (event, Some(after_bytes)),
        };
        let nth = usize::try_from(number).ok()?.checked_sub(1)?;
        let events = self.frames.iter().zip(&response.frames);
        let (coded, frame) = events.filter(|(_, frame)| frame.is_event).nth(nth)?;
        match within {
            None => Some(Place {
                wire: coded.whole.start,
                body: frame.bytes.start,
            }),
            Some(u64::MAX) => Some(Place {
                wire: coded.whole.end,
                body: frame.bytes.end,
            }),
            Some(within) => {
                let within = usize::try_from(within).ok()?;
                match within.cmp(&frame.bytes.len()) {
                    Ordering::Less => self.inside(response, frame.bytes.start + within),
                    Ordering::Equal => Some(Place {
                        wire: coded.data.end,
                        body: frame.bytes.end,
                    }),
                    Ordering::Greater => None,
                }
            }
        }
    }

    /// Before a byte of the body: before the whole frame, where it is the first of one.
    fn inside(&self, response: &Response, body: usize) -> Option<Place> {
        let mut frames = self.frames.iter().zip(&response.frames);
        let (coded, frame) = frames.find(|(_, frame)| frame.bytes.contains(&body))?;
        let within = body - frame.bytes.start;
        let wire = match within {
            0 => coded.whole.start,
            _ => coded.data.start + within,
        };
        Some(Place { wire, body })
    }
}

fn framing_headers(response: &Response) -> String {
    let closes = response.closes || response.framing == Framing::CloseDelimited;
    let connection = if closes { "close" } else { "keep-alive" };
    match response.framing {
        Framing::Chunked => {
            format!("transfer-encoding: chunked\r\nconnection: {connection}\r\n\r\n")
        }
        Framing::ContentLength => format!(
            "content-length: {}\r\nconnection: {connection}\r\n\r\n",
            response.body.len()
        ),
        Framing::CloseDelimited => format!("connection: {connection}\r\n\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{streamed, whole};

    fn cut(response: &Response, point: Point) -> Option<String> {
        let wire = Wire::of(response);
        let place = wire.place(response, point)?;
        let body = &wire.bytes[wire.head.min(place.wire)..place.wire];
        Some(String::from_utf8_lossy(body).into_owned())
    }

    #[test]
    fn a_chunked_response_is_cut_where_it_is_meant() {
        let response = streamed();
        let cut = |point| cut(&response, point);
        assert_eq!(cut(Point::BeforeBody).as_deref(), Some(""));
        assert_eq!(
            cut(Point::Event(EventPoint::Before(2))).as_deref(),
            Some("9\r\ntext=ab\n\n\r\n")
        );
        assert_eq!(
            cut(Point::Event(EventPoint::After(1))).as_deref(),
            Some("9\r\ntext=ab\n\n\r\n")
        );
        let inside = |after_bytes| {
            cut(Point::Event(EventPoint::Inside {
                event: 1,
                after_bytes,
            }))
        };
        assert_eq!(inside(0).as_deref(), Some(""));
        assert_eq!(inside(1).as_deref(), Some("9\r\nt"));
        assert_eq!(inside(9).as_deref(), Some("9\r\ntext=ab\n\n"));
        assert_eq!(inside(10), None);
        assert_eq!(
            cut(Point::Text { after_bytes: 1 }).as_deref(),
            Some("9\r\ntext=a")
        );
        assert_eq!(
            cut(Point::Text { after_bytes: 3 }).as_deref(),
            Some("9\r\ntext=ab\n\n\r\n8\r\ntext=c")
        );
        assert_eq!(cut(Point::Text { after_bytes: 4 }), None);
        assert!(cut(Point::BeforeFinish).is_some_and(|cut| cut.ends_with("args={}\n\n\r\n")));
        assert!(cut(Point::BeforeEnd).is_some_and(|cut| cut.ends_with("finish\n\n\r\n")));
        assert!(cut(Point::AfterEnd).is_some_and(|cut| cut.ends_with("end\n\n\r\n")));
        assert_eq!(cut(Point::Connect), None);
    }

    #[test]
    fn a_document_has_no_events_and_no_marker() {
        let response = whole();
        assert_eq!(cut(&response, Point::Event(EventPoint::Before(1))), None);
        assert_eq!(cut(&response, Point::BeforeEnd), None);
        assert_eq!(
            cut(&response, Point::Text { after_bytes: 2 }).as_deref(),
            Some("{text:ab")
        );
        assert_eq!(
            cut(&response, Point::AfterEnd).as_deref(),
            Some("{text:abc,args:{},finish}")
        );
    }

    #[test]
    fn the_head_is_counted_with_its_framing() {
        let response = whole();
        let head = Wire::of(&response).head as u64;
        assert!(cut(&response, Point::Headers { after_bytes: head }).is_some());
        let past = Point::Headers {
            after_bytes: head + 1,
        };
        assert!(cut(&response, past).is_none());
    }
}

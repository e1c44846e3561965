//! Where in a response the point of a fault lies. Pure; knows the marks that the dialect has set, and no transfer coding.

use std::cmp::Ordering;

use wire_faults::{EventPoint, Point};

use crate::response::Response;

/// A place in a response that is being drafted: it moves with what is changed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// After so many bytes of the head.
    Head(u64),
    /// After the head.
    Body,
    /// Inside the body.
    Inside {
        /// Bytes of the body before it.
        at: usize,
        /// Whether it is still in the frame of the byte before it, where it lies between two frames.
        tight: bool,
    },
    /// After the body, before the end of the transfer coding.
    End,
    /// What it was in is not sent.
    Gone,
}

impl Place {
    pub(crate) const fn before_byte(at: usize) -> Self {
        Self::Inside { at, tight: false }
    }

    pub(crate) const fn after_byte(at: usize) -> Self {
        Self::Inside { at, tight: true }
    }

    /// Where a point lies; nothing if this response has no such place.
    pub(crate) fn of(response: &Response, point: Point) -> Option<Self> {
        let marks = &response.marks;
        match point {
            Point::Connect => None,
            // Nothing leaves at these but what the fault itself sends.
            Point::Accept
            | Point::Tls
            | Point::Request { .. }
            | Point::Idle
            | Point::BeforeHeaders => Some(Self::Head(0)),
            Point::Headers { after_bytes } => Some(Self::Head(after_bytes)),
            Point::BeforeBody => Some(Self::Body),
            Point::Event(event) => of_event(response, event),
            Point::Text { after_bytes } => inside(response, marks.text.after(after_bytes)?),
            Point::Reasoning { after_bytes } => {
                inside(response, marks.reasoning.after(after_bytes)?)
            }
            Point::ToolArguments { after_bytes } => {
                inside(response, marks.arguments.after(after_bytes)?)
            }
            Point::BeforeFinish => inside(response, marks.finish?),
            Point::BeforeEnd => inside(response, marks.end?),
            Point::AfterEnd => Some(Self::End),
        }
    }
}

fn inside(response: &Response, at: usize) -> Option<Place> {
    (at < response.body.len()).then_some(Place::before_byte(at))
}

fn of_event(response: &Response, event: EventPoint) -> Option<Place> {
    let (EventPoint::Before(number)
    | EventPoint::After(number)
    | EventPoint::Inside { event: number, .. }) = event;
    let nth = usize::try_from(number).ok()?.checked_sub(1)?;
    let mut events = response.frames.iter().filter(|frame| frame.is_event);
    let bytes = events.nth(nth)?.bytes.clone();
    let EventPoint::Inside { after_bytes, .. } = event else {
        let after = matches!(event, EventPoint::After(_));
        return Some(Place::before_byte(if after {
            bytes.end
        } else {
            bytes.start
        }));
    };
    let within = usize::try_from(after_bytes).ok()?;
    match within.cmp(&bytes.len()) {
        Ordering::Less => Some(Place::before_byte(bytes.start + within)),
        Ordering::Equal => Some(Place::after_byte(bytes.end)),
        Ordering::Greater => None,
    }
}

/// How many events of a response leave whole before what happens at a point between events: a dialect may have to number
/// what it says there. Nothing if the response has no such place.
#[must_use]
pub fn events_before(response: &Response, point: Point) -> Option<usize> {
    let limit = match Place::of(response, point)? {
        Place::Head(_) | Place::Body | Place::Gone => 0,
        Place::Inside { at, .. } => at,
        Place::End => response.body.len(),
    };
    let events = response.frames.iter().filter(|frame| frame.is_event);
    Some(events.filter(|frame| frame.bytes.start < limit).count())
}

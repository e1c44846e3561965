//! A response while faults change it, before any of it is encoded. Every place that matters is kept here, and moves with what
//! is changed before it, so that several faults can be carried out on one answer without knowing of each other.

mod edit;

use std::time::Duration;

use crate::contract::{Ending, Inapplicable};
use crate::keep_alive::{KeepAlive, Repeated};
use crate::place::Place;
use crate::response::{Frame, Framing, Response};

/// A response that is being changed.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Status line and header lines, each ended by CRLF.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) framing: Framing,
    pub(crate) closes: bool,
    /// By how much the head promises more than there is.
    pub(crate) missing: u64,
    /// Before which frame the chunk header is none.
    pub(crate) bad_chunk: Option<usize>,
    /// What comes instead of everything after the place where it is cut.
    pub(crate) cut: Option<Cut>,
    pub(crate) silences: Vec<(Mark, Duration)>,
    pub(crate) drip: Option<Slow>,
    pub(crate) split: Option<(Mark, usize)>,
    pub(crate) keep_alives: Option<(Repeated, Duration)>,
    /// How it ends, where that is not as any response does.
    pub(crate) ending: Option<Ending>,
    /// Whether the peer has to ask again first.
    pub(crate) waits_for_request: bool,
    pub(crate) keep_alive: KeepAlive,
    pub(crate) error_event: Vec<Vec<u8>>,
    pub(crate) seed: u64,
    /// Whether it leaves as a stream of HTTP/2.
    pub(crate) http2: bool,
    places: Vec<Place>,
}

/// A place that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(usize);

/// Where everything ends, and what comes there.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) at: Mark,
    pub(crate) tail: Vec<u8>,
}

/// A rest that leaves slowly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slow {
    pub(crate) from: Mark,
    pub(crate) bytes: usize,
    pub(crate) every: Duration,
}

/// What shows that a fault was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Everything before this place has left, and so many bytes more.
    Until(Mark, usize),
    /// Everything has.
    Whole,
    /// The silence at this place.
    Silence(Mark),
    /// Everything after this place, slowly, as long as the peer stays.
    Slowly(Mark),
    /// The end of it.
    Ending,
}

impl Draft {
    pub(crate) fn of(response: &Response) -> Self {
        Self {
            head: response.head.clone(),
            body: response.body.clone(),
            frames: response.frames.clone(),
            framing: response.framing,
            closes: response.closes,
            missing: 0,
            bad_chunk: None,
            cut: None,
            silences: Vec::new(),
            drip: None,
            split: None,
            keep_alives: None,
            ending: None,
            waits_for_request: false,
            keep_alive: response.keep_alive.clone(),
            error_event: response.error_event.clone(),
            seed: response.seed,
            http2: response.http2,
            places: Vec::new(),
        }
    }

    /// Keeps a place.
    pub(crate) fn mark(&mut self, place: Place) -> Mark {
        self.places.push(place);
        Mark(self.places.len() - 1)
    }

    /// Where a kept place is now.
    pub(crate) fn place(&self, mark: Mark) -> Place {
        self.places[mark.0]
    }

    /// Whether it is a stream of events.
    pub(crate) fn streamed(&self) -> bool {
        self.frames.iter().any(|frame| frame.is_event)
    }

    /// What shows that everything up to the end of a frame has left.
    pub(crate) fn until_end_of(&mut self, frame: usize) -> Proof {
        let end = self.frames[frame].bytes.end;
        Proof::Until(self.mark(Place::after_byte(end)), 0)
    }

    /// How many bytes of the body are before a place.
    pub(crate) fn body_before(&self, mark: Mark) -> Result<usize, Inapplicable> {
        match self.place(mark) {
            Place::Head(_) | Place::Body => Ok(0),
            Place::Inside { at, .. } => Ok(at),
            Place::End => Ok(self.body.len()),
            Place::Gone => Err(Inapplicable::NotSent),
        }
    }

    /// Everything after this place is not sent, and this ends it.
    pub(crate) fn end_at(&mut self, at: Mark, ending: Ending) -> Proof {
        self.cut = Some(Cut {
            at,
            tail: Vec::new(),
        });
        self.ending = Some(ending);
        Proof::Ending
    }

    /// The frame that holds the next byte after a place, counted from 0.
    pub(crate) fn frame_at(&self, mark: Mark) -> Result<usize, Inapplicable> {
        let found = match self.place(mark) {
            Place::Head(_) | Place::Body => (!self.frames.is_empty()).then_some(0),
            Place::Inside { at, tight } => self.frames.iter().position(|frame| match tight {
                true => frame.bytes.end == at && !frame.bytes.is_empty(),
                false => frame.bytes.contains(&at),
            }),
            Place::End | Place::Gone => None,
        };
        found.ok_or(Inapplicable::NoSuchPlace)
    }

    /// The event at a place, or the document: the first that holds a byte after it.
    pub(crate) fn event_at(&self, mark: Mark) -> Result<usize, Inapplicable> {
        let first = self.frame_at(mark)?;
        if !self.streamed() {
            return Ok(first);
        }
        let events = self.frames[first..].iter().position(|frame| frame.is_event);
        events
            .map(|further| first + further)
            .ok_or(Inapplicable::NoSuchPlace)
    }

    /// The next boundary between frames at or after a place, as the number of frames before it.
    pub(crate) fn boundary_at(&self, mark: Mark) -> Result<usize, Inapplicable> {
        match self.place(mark) {
            Place::Head(_) | Place::Body => Ok(0),
            Place::End => Ok(self.frames.len()),
            Place::Gone => Err(Inapplicable::NotSent),
            Place::Inside { at, tight } => {
                let before =
                    |frame: &Frame| frame.bytes.start < at || (tight && frame.bytes.end <= at);
                Ok(self.frames.iter().take_while(|frame| before(frame)).count())
            }
        }
    }

    /// The place before so many frames.
    pub(crate) fn before_frame(&self, index: usize) -> Place {
        match self.frames.get(index) {
            Some(frame) => Place::before_byte(frame.bytes.start),
            None => Place::End,
        }
    }

    /// The last closing brace in a frame, as an offset in the body.
    pub(crate) fn last_brace(&self, frame: usize) -> Result<usize, Inapplicable> {
        let bytes = self.frames[frame].bytes.clone();
        let within = self.body[bytes.clone()]
            .iter()
            .rposition(|byte| *byte == b'}');
        let within = within.ok_or(Inapplicable::NoJson)?;
        Ok(bytes.start + within)
    }

    /// Gives a header another value, or adds it.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        let mut head = Vec::with_capacity(self.head.len());
        let mut found = false;
        for line in self.head.split_inclusive(|byte| *byte == b'\n') {
            let is_it = line.len() > name.len()
                && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                && line[name.len()] == b':';
            if is_it {
                found = true;
                head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            } else {
                head.extend_from_slice(line);
            }
        }
        if !found {
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        self.head = head;
    }
}

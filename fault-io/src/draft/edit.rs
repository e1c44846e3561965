//! Changes of a draft's body, in which every kept place stays with what it stands before.
//!
//! What is put in at a place comes before whatever else happens at that place.

use std::ops::Range;

use super::Draft;
use crate::place::Place;
use crate::response::{Frame, Framing};

impl Draft {
    /// Puts bytes into a frame, before a byte of the body.
    pub(crate) fn insert(&mut self, frame: usize, at: usize, bytes: &[u8]) {
        self.body.splice(at..at, bytes.iter().copied());
        let length = bytes.len();
        self.frames[frame].bytes.end += length;
        self.shift_frames(frame + 1, |offset| offset + length);
        self.move_places(|place, tight| match place > at || (place == at && !tight) {
            true => place + length,
            false => place,
        });
    }

    /// Takes bytes out of a frame.
    pub(crate) fn remove(&mut self, frame: usize, range: Range<usize>) {
        let length = range.len();
        self.body.drain(range.clone());
        self.frames[frame].bytes.end -= length;
        self.shift_frames(frame + 1, |offset| offset - length);
        self.move_places(|place, _| after_removal(place, &range));
    }

    /// Puts a frame in, before so many others.
    pub(crate) fn insert_frame(&mut self, index: usize, bytes: &[u8], is_event: bool) {
        let frame = self.frames.get(index);
        let at = frame.map_or(self.body.len(), |frame| frame.bytes.start);
        let empty = Frame {
            bytes: at..at,
            is_event,
        };
        self.frames.insert(index, empty);
        self.insert(index, at, bytes);
    }

    /// Takes a frame out.
    pub(crate) fn remove_frame(&mut self, index: usize) {
        let range = self.frames[index].bytes.clone();
        self.remove(index, range);
        self.frames.remove(index);
    }

    /// Lets a frame and a later one change places. Places between frames stay between them.
    pub(crate) fn swap_frames(&mut self, index: usize, later: usize) {
        let moved = self.frames[later].clone();
        let bytes = self.body[moved.bytes.clone()].to_vec();
        let first = self.frames[index].clone();
        let first_bytes = self.body[first.bytes.clone()].to_vec();
        let places = self.places.clone();
        self.remove_frame(later);
        self.insert_frame(later, &first_bytes, first.is_event);
        self.remove_frame(index);
        self.insert_frame(index, &bytes, moved.is_event);
        let (now_first, now_later) = (
            self.frames[index].bytes.clone(),
            self.frames[later].bytes.clone(),
        );
        // What lay inside one of the two goes with it; what lay between frames stays there.
        let growth = |at: usize| at + now_first.len() - first.bytes.len();
        for (place, before) in self.places.iter_mut().zip(places) {
            let Place::Inside { at, tight } = before else {
                continue;
            };
            let within = |frame: &Range<usize>| {
                (frame.start < at && at < frame.end) || (tight && at == frame.end)
            };
            let at = match at {
                at if within(&first.bytes) => now_later.start + (at - first.bytes.start),
                at if within(&moved.bytes) => now_first.start + (at - moved.bytes.start),
                at if at > first.bytes.start && at <= moved.bytes.start => growth(at),
                at => at,
            };
            *place = Place::Inside { at, tight };
        }
    }

    /// Ends the body after so many bytes.
    pub(crate) fn cut_body(&mut self, at: usize) {
        self.body.truncate(at);
        self.frames.retain(|frame| frame.bytes.start < at);
        if let Some(last) = self.frames.last_mut() {
            last.bytes.end = last.bytes.end.min(at);
        }
        for place in &mut self.places {
            if matches!(place, Place::Inside { at: place, .. } if *place > at) {
                *place = Place::Gone;
            }
        }
    }

    /// Another body comes instead, as one document.
    pub(crate) fn replace_body(&mut self, body: &[u8]) {
        self.body = body.to_vec();
        self.frames = vec![Frame {
            bytes: 0..body.len(),
            is_event: false,
        }];
        self.framing = Framing::ContentLength;
        for place in &mut self.places {
            if matches!(place, Place::Inside { .. }) {
                *place = Place::Gone;
            }
        }
    }

    /// Cuts everything from a byte of the body on into frames of so many bytes.
    pub(crate) fn split_from(&mut self, at: usize, bytes: usize) {
        let mut frames: Vec<Frame> = Vec::new();
        for frame in &self.frames {
            if frame.bytes.start < at {
                frames.push(Frame {
                    bytes: frame.bytes.start..frame.bytes.end.min(at),
                    is_event: frame.is_event,
                });
            }
        }
        let mut start = at;
        while start < self.body.len() {
            let end = start.saturating_add(bytes).min(self.body.len());
            // A piece is an event where one begins in it, for whoever is slow before each.
            let begins =
                |frame: &Frame| frame.is_event && (start..end).contains(&frame.bytes.start);
            frames.push(Frame {
                bytes: start..end,
                is_event: self.frames.iter().any(begins),
            });
            start = end;
        }
        self.frames = frames;
    }

    fn shift_frames(&mut self, from: usize, shift: impl Fn(usize) -> usize) {
        for frame in &mut self.frames[from..] {
            frame.bytes = shift(frame.bytes.start)..shift(frame.bytes.end);
        }
    }

    fn move_places(&mut self, to: impl Fn(usize, bool) -> usize) {
        for place in &mut self.places {
            if let Place::Inside { at, tight } = place {
                *at = to(*at, *tight);
            }
        }
    }
}

const fn after_removal(place: usize, range: &Range<usize>) -> usize {
    if place >= range.end {
        place - (range.end - range.start)
    } else if place > range.start {
        range.start
    } else {
        place
    }
}

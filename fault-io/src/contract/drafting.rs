//! How faults make a contract from a response: each changes a draft of it, in the order of their stages, whatever the order
//! they are given in; then the draft is encoded, and every place that matters becomes a number of bytes.

use std::time::Duration;

use wire_faults::{Fault, Point, Transport};

use super::{Claim, Contract, Drafted, Drip, Ending, Inapplicable, Part, Silence, natural_end};
use crate::action::{Action, action};
use crate::draft::{Cut, Draft, Mark, Proof};
use crate::keep_alive::Repeated;
use crate::place::Place;
use crate::response::Response;
use crate::wire::{Layout, Parts};

/// Makes the contract.
pub(super) fn draft(response: &Response, faults: &[Fault]) -> Drafted {
    let between = Response {
        seed: response.seed,
        secure: response.secure,
        http2: response.http2,
        ..Response::nothing()
    };
    let response = match faults.iter().any(|fault| is_in_the_answer(fault.point)) {
        false if !faults.is_empty() => &between,
        _ => response,
    };
    let mut draft = Draft::of(response);
    let mut missed = Vec::new();
    let mut planned: Vec<(usize, Mark, Box<dyn Action>)> = Vec::new();
    for (fault, meant) in faults.iter().enumerate() {
        match planning(response, meant) {
            Ok((place, action)) => planned.push((fault, draft.mark(place), action)),
            Err(reason) => missed.push((fault, reason)),
        }
    }
    let paced = paced(response, &mut draft);
    planned.sort_by_key(|(_, _, action)| action.stage());
    let mut proofs = Vec::new();
    for (fault, at, action) in planned {
        match action.apply(&mut draft, at) {
            Ok(proof) => proofs.push((fault, proof)),
            Err(reason) => missed.push((fault, reason)),
        }
    }
    let mut contract = encoded(&draft, &paced, &mut proofs, &mut missed);
    if let Some(Point::Request { after_bytes }) = faults.first().map(|fault| fault.point) {
        let bytes = usize::try_from(after_bytes).unwrap_or(usize::MAX);
        contract.heard = Some(bytes);
    }
    missed.sort_by_key(|(fault, _)| *fault);
    Drafted { contract, missed }
}

/// Where a fault happens and what it does, if that means something here.
fn planning(response: &Response, meant: &Fault) -> Result<(Place, Box<dyn Action>), Inapplicable> {
    let transport = Transport {
        http2: response.http2,
        tls: response.secure,
    };
    let (point, name) = (meant.point.name(), meant.action.name());
    transport
        .allows(point, name)
        .map_err(Inapplicable::Transport)?;
    let place = Place::of(response, meant.point).ok_or(Inapplicable::NoSuchPlace)?;
    Ok((place, action(meant)?))
}

const fn is_in_the_answer(point: Point) -> bool {
    !matches!(
        point,
        Point::Connect | Point::Accept | Point::Tls | Point::Request { .. } | Point::Idle
    )
}

/// The silences of a slow response, kept where its events begin.
fn paced(response: &Response, draft: &mut Draft) -> Vec<(Mark, Duration)> {
    if response.pace.is_none() && response.pauses.is_empty() {
        return Vec::new();
    }
    let pace = response.pace.unwrap_or_default();
    let mut pauses = response.pauses.iter().copied();
    let events = response.frames.iter().filter(|frame| frame.is_event);
    let mut paced: Vec<_> = events
        .map(|frame| {
            let pause = pace + pauses.next().unwrap_or_default();
            (draft.mark(Place::before_byte(frame.bytes.start)), pause)
        })
        .collect();
    if let Some(pause) = pauses.next().filter(|_| paced.is_empty()) {
        paced.push((draft.mark(Place::Head(0)), pause));
    }
    paced.retain(|(_, pause)| !pause.is_zero());
    paced
}

/// Where everything of a draft is on the wire.
struct Encoded<'a> {
    draft: &'a Draft,
    layout: Layout,
    /// How many bytes leave.
    length: usize,
}

impl Encoded<'_> {
    /// How many bytes leave before a kept place.
    fn position(&self, mark: Mark) -> Result<usize, Inapplicable> {
        let place = self.draft.place(mark);
        let missing = match place {
            Place::Gone => Inapplicable::NotSent,
            _ => Inapplicable::NoSuchPlace,
        };
        let position = self.layout.position(place).ok_or(missing)?;
        match position <= self.length {
            true => Ok(position),
            false => Err(Inapplicable::NotSent),
        }
    }

    fn silence(&self, (mark, lasting): (Mark, Duration)) -> Result<Silence, Inapplicable> {
        let at = self.position(mark)?;
        Ok(Silence { at, lasting })
    }

    fn claim(&self, proof: Proof) -> Result<Claim, Inapplicable> {
        Ok(match proof {
            Proof::Until(mark, further) => Claim::Bytes(self.position(mark)? + further),
            Proof::Whole => Claim::Bytes(self.length),
            Proof::Slowly(mark) => {
                self.position(mark)?;
                Claim::Slowly
            }
            Proof::Silence(mark) => {
                let mut silences = self.draft.silences.iter();
                let meant = silences.find(|(at, _)| *at == mark);
                Claim::Silence(self.silence(*meant.ok_or(Inapplicable::NoSuchPlace)?)?)
            }
            Proof::Ending => Claim::Ending,
        })
    }

    /// Where the frames of HTTP/2 end: with the head, and with each event.
    fn frame_ends(&self) -> Vec<usize> {
        let frames = self.layout.frames.iter();
        let mut ends: Vec<_> = std::iter::once(self.layout.head)
            .chain(frames.flat_map(|frame| [frame.whole.start, frame.whole.end]))
            .filter(|at| (1..self.length).contains(at))
            .collect();
        ends.dedup();
        ends
    }

    /// Where pieces end: every few bytes of the head, and with each frame.
    fn pieces(&self) -> Vec<usize> {
        if self.draft.http2 {
            return self.frame_ends();
        }
        let Some((from, bytes)) = self.draft.split else {
            return Vec::new();
        };
        let Ok(from) = self.position(from) else {
            return Vec::new();
        };
        let head = (from..self.layout.head).step_by(bytes.max(1));
        let frames = self.layout.frames.iter();
        let frames = frames.filter(|frame| frame.whole.start >= from);
        let mut pieces: Vec<_> = head
            .chain(frames.flat_map(|frame| [frame.whole.start, frame.whole.end]))
            .filter(|at| (1..self.length).contains(at))
            .collect();
        pieces.dedup();
        pieces
    }
}

fn encoded(
    draft: &Draft,
    paced: &[(Mark, Duration)],
    proofs: &mut Vec<(usize, Proof)>,
    missed: &mut Vec<(usize, Inapplicable)>,
) -> Contract {
    let (mut wire, layout) = parts(draft).lay_out();
    let mut ending = draft.ending.clone();
    if let Some(Cut { at, tail }) = &draft.cut {
        match layout.position(draft.place(*at)) {
            Some(position) => {
                wire.truncate(position);
                wire.extend_from_slice(tail);
            }
            // A place in the head that is past its end: what would have ended there does not.
            None => {
                ending = None;
                let (ends, others) = proofs
                    .iter()
                    .partition(|(_, proof)| *proof == Proof::Ending);
                *proofs = others;
                let ends: Vec<(usize, Proof)> = ends;
                missed.extend(
                    ends.into_iter()
                        .map(|(fault, _)| (fault, Inapplicable::NoSuchPlace)),
                );
            }
        }
    }
    let encoded = Encoded {
        draft,
        layout,
        length: wire.len(),
    };
    let mut parts = Vec::new();
    for (fault, proof) in proofs.drain(..) {
        match encoded.claim(proof) {
            Ok(claim) => parts.push(Part { fault, claim }),
            Err(reason) => missed.push((fault, reason)),
        }
    }
    parts.sort_by_key(|part| part.fault);
    let silences = draft.silences.iter().chain(paced);
    let mut silences: Vec<_> = silences
        .filter_map(|silence| encoded.silence(*silence).ok())
        .collect();
    silences.sort_by_key(|silence| silence.at);
    let drip = draft.drip.and_then(|slow| {
        Some(Drip {
            from: match draft.http2 {
                true => encoded.position(slow.from).ok()?.max(encoded.layout.head),
                false => encoded.position(slow.from).ok()?,
            },
            bytes: slow.bytes,
            every: slow.every,
        })
    });
    Contract {
        silences,
        drip,
        pieces: encoded.pieces(),
        parts,
        heard: draft.waits_for_request.then_some(1),
        ..Contract::whole(wire, encoded.layout.head, ending_of(draft, ending))
    }
}

fn ending_of(draft: &Draft, ending: Option<Ending>) -> Ending {
    match &draft.keep_alives {
        Some((said, every)) => Ending::KeepAlives {
            said: Repeated {
                // A fault that comes later may have changed it.
                framing: (!draft.http2).then_some(draft.framing),
                ..said.clone()
            },
            every: *every,
        },
        None => ending.unwrap_or_else(|| match draft.http2 {
            true => Ending::GoesOn,
            false => natural_end(draft.closes, draft.framing),
        }),
    }
}

fn parts(draft: &Draft) -> Parts<'_> {
    Parts {
        head: &draft.head,
        body: &draft.body,
        frames: &draft.frames,
        framing: draft.framing,
        closes: draft.closes,
        missing: draft.missing,
        bad_chunk: draft.bad_chunk,
        http2: draft.http2,
    }
}

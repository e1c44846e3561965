//! What has to leave a socket: exactly these bytes, this silence, this end. Pure; made before anything is sent, and the
//! only thing that an action is measured by.

use std::fmt;
use std::time::Duration;

use wire_faults::{Fault, Point};

use crate::action::action;
use crate::response::Response;
use crate::wire::{Place, Wire};

/// What has to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Every byte.
    pub(crate) wire: Vec<u8>,
    /// The bytes before this place leave before anything happens.
    pub(crate) cut: usize,
    /// The silence at the cut.
    pub(crate) silence: Option<Silence>,
    /// How it ends.
    pub(crate) ending: Ending,
    /// Length of the whole head.
    pub(crate) head: usize,
    /// A slow stream is silent for `.1` before each of these places.
    pub(crate) pace: Option<(Vec<usize>, Duration)>,
}

/// A silence that is part of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Silence {
    /// How long; without end if it is not said.
    pub(crate) lasting: Option<Duration>,
    /// Whether the peer may end it by leaving.
    pub(crate) peer_may_leave: bool,
}

/// How a response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The connection stays open, for the next request.
    GoesOn,
    /// With a FIN.
    Fin,
    /// With a RST.
    Reset,
    /// Open and silent until the peer leaves.
    PeerLeaves,
}

/// The exchange has no such point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the response has no such place")]
pub struct Inapplicable;

impl Contract {
    /// A response that leaves as it is.
    #[must_use]
    pub fn plain(response: &Response) -> Self {
        let wire = Wire::of(response);
        let whole = wire.bytes.len();
        let ending = match response.closes || response.framing == crate::Framing::CloseDelimited {
            true => Ending::Fin,
            false => Ending::GoesOn,
        };
        Self::cut_at(wire, response, whole, ending)
    }

    /// A response with a fault in it. For a status the response is the error answer itself.
    ///
    /// # Errors
    ///
    /// The response has no such place.
    pub fn of(response: &Response, fault: &Fault) -> Result<Self, Inapplicable> {
        let nothing = Response::nothing();
        let response = match fault.point {
            Point::Idle => &nothing,
            _ => response,
        };
        let wire = Wire::of(response);
        let place = wire.place(response, fault.point).ok_or(Inapplicable)?;
        let action = action(&fault.action).ok_or(Inapplicable)?;
        Ok(action.contract(response, &wire, place))
    }

    /// The bytes before the place, then this end.
    pub(crate) fn ends_at(wire: &Wire, response: &Response, place: Place, ending: Ending) -> Self {
        let mut contract = Self::cut_at(wire.clone(), response, place.wire, ending);
        contract.wire.truncate(place.wire);
        contract
    }

    fn cut_at(wire: Wire, response: &Response, cut: usize, ending: Ending) -> Self {
        Self {
            cut,
            silence: None,
            ending,
            head: wire.head,
            pace: response
                .pace
                .map(|pace| (wire.event_starts(response), pace)),
            wire: wire.bytes,
        }
    }

    /// Every byte that has to leave.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Length of the response's head in bytes.
    #[must_use]
    pub const fn head(&self) -> usize {
        self.head
    }

    /// Whether the connection goes on to the next request.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.ending, Ending::GoesOn)
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.wire.len())?;
        match self.silence {
            Some(Silence {
                lasting: Some(lasting),
                ..
            }) => {
                let millis = lasting.as_millis();
                write!(f, ", {millis} ms of silence after {} of them", self.cut)?;
            }
            Some(_) => f.write_str(", then silence")?,
            None => {}
        }
        f.write_str(match self.ending {
            Ending::GoesOn => ", and the connection goes on",
            Ending::Fin => ", then a FIN",
            Ending::Reset => ", then a RST",
            Ending::PeerLeaves => " until the peer leaves",
        })
    }
}

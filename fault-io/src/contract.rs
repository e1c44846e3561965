//! What has to leave a socket: exactly these bytes, these silences, this end. Pure; made before anything is sent, and the only
//! thing that is measured by.
//!
//! - `drafting`: how faults make it from a response; `recorded`: how one that came from somebody else does; `schedule`: the order
//!   in which it is carried out

mod drafting;
mod recorded;
mod schedule;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use journal::How;
use wire_faults::Fault;

use crate::keep_alive::Repeated;
use crate::packed::Packed;
use crate::response::{Framing, Response};
use crate::tls::alert_name;

pub use recorded::{Recorded, RecordedEnding, RecordedPiece};
pub(crate) use schedule::Stop;

/// What has to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Every byte; of one without end, those before what repeats.
    pub(crate) wire: Bytes,
    /// The bytes instead, where they wait for long and nobody looks at them.
    pub(crate) packed: Option<Packed>,
    /// Length of the whole head.
    pub(crate) head: usize,
    /// The silences, in the order of their places.
    pub(crate) silences: Vec<Silence>,
    /// A rest that leaves slowly.
    pub(crate) drip: Option<Drip>,
    /// Where one piece ends and the next begins, in order.
    pub(crate) pieces: Vec<usize>,
    /// How it ends.
    pub(crate) ending: Ending,
    /// How much of a request has to have come first.
    pub(crate) heard: Option<usize>,
    /// What shows of each fault that it was carried out.
    pub(crate) parts: Vec<Part>,
}

/// A silence that is part of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Silence {
    /// After so many bytes.
    pub(crate) at: usize,
    /// How long.
    pub(crate) lasting: Duration,
}

/// A rest that leaves slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drip {
    /// After so many bytes.
    pub(crate) from: usize,
    /// So many at a time.
    pub(crate) bytes: usize,
    /// With this silence before each.
    pub(crate) every: Duration,
}

/// How a response ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The connection stays open, for the next request.
    GoesOn,
    /// With a FIN.
    Fin,
    /// With a RST.
    Reset,
    /// With a FIN of ours, and we read on until the peer leaves.
    HalfClose,
    /// Open and silent until the peer leaves, or for so long and then with a FIN.
    Stall { lasting: Option<Duration> },
    /// Over TLS, with a FIN and without the `close_notify` that should precede it.
    Unnotified,
    /// Over TLS, with this fatal alert and a FIN.
    Alert { description: u8 },
    /// Over HTTP/2, with a `RST_STREAM` of this code; the connection goes on.
    StreamReset { code: u32 },
    /// Over HTTP/2, with a `GOAWAY` of this code and a FIN.
    GoAway { code: u32 },
    /// With keep-alives until the peer leaves.
    KeepAlives { said: Repeated, every: Duration },
}

/// What shows of a fault that it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which of the faults, counted from 0.
    pub(crate) fault: usize,
    pub(crate) claim: Claim,
}

/// See [`Part`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// So many bytes have left.
    Bytes(usize),
    /// There was a silence of so long at this place.
    Silence(Silence),
    /// The rest has left slowly, as long as the peer stayed.
    Slowly,
    /// The end was this one.
    Ending,
}

/// Why a fault cannot be carried out on this response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Inapplicable {
    /// The point lies nowhere in it.
    #[error("the response has no such place")]
    NoSuchPlace,
    /// Another fault ends it before.
    #[error("the answer has ended before this place")]
    NotSent,
    /// It is no stream.
    #[error("a document has no events")]
    NoEvents,
    /// There is no next event to change places with.
    #[error("no event follows this one")]
    NoNextEvent,
    /// The event carries no JSON object.
    #[error("this event has no JSON object in it")]
    NoJson,
    /// It is that large already.
    #[error("this event is larger than that already")]
    LargeAlready,
    /// The dialect has no error inside an answer.
    #[error("this dialect tells no error inside an answer")]
    NoErrorEvent,
    /// The dialect has no keep-alive.
    #[error("this dialect has no keep-alive frame")]
    NoKeepAlive,
    /// A body whose length was told.
    #[error("a body whose length was told cannot go on for ever")]
    LengthTold,
    /// The transport has no word for it, for this reason.
    #[error("{0}")]
    Transport(&'static str),
    /// It is a certificate, of which an answer knows nothing.
    #[error("a certificate is shown in the handshake, and nowhere else")]
    Certificate,
}

/// A contract, and the faults that are not in it.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// What has to leave.
    pub contract: Contract,
    /// Which faults cannot be carried out, counted from 0, and why.
    pub missed: Vec<(usize, Inapplicable)>,
}

impl Contract {
    /// A response that leaves as it is.
    #[must_use]
    pub fn plain(response: &Response) -> Self {
        if response.http2 || response.pace.is_some() || !response.pauses.is_empty() {
            // A slow response is silent before each event, which is a matter of the schedule like any delay.
            return drafting::draft(response, &[]).contract;
        }
        let (wire, head) = response.parts().encode();
        Self::whole(wire, head, natural_end(response.closes, response.framing))
    }

    /// A response with one fault in it.
    ///
    /// # Errors
    ///
    /// It cannot be carried out on this response.
    pub fn of(response: &Response, fault: &Fault) -> Result<Self, Inapplicable> {
        let drafted = Self::drafted(response, std::slice::from_ref(fault));
        match drafted.missed.first() {
            Some((_, reason)) => Err(*reason),
            None => Ok(drafted.contract),
        }
    }

    /// A response with faults in it, carried out together; those that cannot be are left out. For a status the response is the
    /// error answer itself; where all of them precede the request or follow the answer it does not matter.
    #[must_use]
    pub fn drafted(response: &Response, faults: &[Fault]) -> Drafted {
        match faults.is_empty() {
            true => Drafted {
                contract: Self::plain(response),
                missed: Vec::new(),
            },
            false => drafting::draft(response, faults),
        }
    }

    /// These bytes and this end.
    fn whole(wire: Vec<u8>, head: usize, ending: Ending) -> Self {
        Self {
            wire: wire.into(),
            packed: None,
            head,
            silences: Vec::new(),
            drip: None,
            pieces: Vec::new(),
            ending,
            heard: None,
            parts: Vec::new(),
        }
    }

    /// Every byte that has to leave; of a contract without end, those before what repeats.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// How many bytes have to leave; of a contract without end, those before what repeats.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.as_ref().map_or(self.wire.len(), Packed::len)
    }

    /// Whether no byte has to leave.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same contract with its bytes packed, where it is slow and carries no fault out: for streams of which many wait at once.
    /// Its [`Contract::wire`] is empty from here on, and what leaves is counted and not kept.
    #[must_use]
    pub fn packed_while_it_waits(mut self) -> Self {
        let slow = !self.silences.is_empty() && self.drip.is_none();
        let plain = self.parts.is_empty() && matches!(self.ending, Ending::GoesOn | Ending::Fin);
        if slow && plain && self.heard.is_none() {
            self.packed = Some(Packed::of(&self.wire));
            self.wire = Bytes::new();
            self.silences.shrink_to_fit();
        }
        self
    }

    /// Length of the response's head in bytes.
    #[must_use]
    pub const fn head(&self) -> usize {
        self.head
    }

    /// Whether the connection goes on to the next request.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.ending, Ending::GoesOn | Ending::StreamReset { .. })
    }

    /// Whether it resets its stream of HTTP/2, and the connection goes on.
    #[must_use]
    pub const fn resets_the_stream(&self) -> bool {
        matches!(self.ending, Ending::StreamReset { .. })
    }

    /// Whether nothing but the peer's leaving ends it, sooner or later.
    #[must_use]
    pub const fn waits_for_the_peer(&self) -> bool {
        matches!(
            self.ending,
            Ending::HalfClose | Ending::Stall { .. } | Ending::KeepAlives { .. }
        )
    }

    /// Whether it begins with the next request of the peer, of which nothing is answered.
    #[must_use]
    pub fn waits_for_a_request(&self) -> bool {
        self.heard == Some(1)
    }

    /// How our side of the connection is ended, where it is.
    #[must_use]
    pub const fn how(&self) -> Option<How> {
        match self.ending {
            Ending::GoesOn | Ending::StreamReset { .. } => None,
            Ending::Reset => Some(How::Reset),
            _ => Some(How::Fin),
        }
    }

    /// The faults that this carries out, counted from 0 among those that it was made of.
    pub fn faults(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.fault)
    }
}

/// How a response ends that nothing happens to.
fn natural_end(closes: bool, framing: Framing) -> Ending {
    match closes || framing == Framing::CloseDelimited {
        true => Ending::Fin,
        false => Ending::GoesOn,
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(heard) = self.heard {
            write!(f, "after {heard} bytes of a request, ")?;
        }
        write!(f, "{} bytes", self.len())?;
        for Silence { at, lasting } in self.silences.iter().take(MOST_SILENCES) {
            let millis = lasting.as_millis();
            write!(f, ", {millis} ms of silence after {at} of them")?;
        }
        if self.silences.len() > MOST_SILENCES {
            write!(f, ", {} silences", self.silences.len())?;
        }
        if let Some(Drip { from, bytes, every }) = self.drip {
            let millis = every.as_millis();
            write!(f, ", {bytes} at a time every {millis} ms after {from}")?;
        }
        if !self.pieces.is_empty() {
            write!(f, ", in {} pieces", self.pieces.len() + 1)?;
        }
        match &self.ending {
            Ending::GoesOn => f.write_str(", and the connection goes on"),
            Ending::Fin => f.write_str(", then a FIN"),
            Ending::Reset => f.write_str(", then a RST"),
            Ending::Unnotified => f.write_str(", then a FIN without close_notify"),
            Ending::Alert { description } => {
                let name = alert_name(*description);
                write!(f, ", then the TLS alert {name} and a FIN")
            }
            Ending::StreamReset { code } => write!(f, ", then a RST_STREAM with code {code}"),
            Ending::GoAway { code } => write!(f, ", then a GOAWAY with code {code} and a FIN"),
            Ending::HalfClose => f.write_str(", then a FIN, and reading until the peer leaves"),
            Ending::Stall { lasting: None } => f.write_str(", then silence until the peer leaves"),
            Ending::Stall {
                lasting: Some(lasting),
            } => write!(f, ", then {} ms of silence and a FIN", lasting.as_millis()),
            Ending::KeepAlives { every, .. } => {
                let millis = every.as_millis();
                write!(
                    f,
                    ", then a keep-alive every {millis} ms until the peer leaves"
                )
            }
        }
    }
}

/// More silences than this are counted, not listed.
const MOST_SILENCES: usize = 3;

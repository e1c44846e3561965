//! A response as it once came from somebody else, as a contract: its bytes in the pieces in which they came, the silences
//! between them, and its end. Pure; knows nothing of what the bytes mean.

use std::time::Duration;

use super::{Claim, Contract, Ending, Part, Silence};

/// A response as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What came, in order.
    pub pieces: Vec<RecordedPiece>,
    /// Length of the whole head in bytes; more than there is where it did not come whole.
    pub head: usize,
    /// Silence before the end.
    pub before_ending: Duration,
    /// How it ended.
    pub ending: RecordedEnding,
}

/// What came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPiece {
    /// Silence before it.
    pub before: Duration,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedEnding {
    /// Whole, and the connection went on.
    GoesOn,
    /// With a FIN.
    Fin,
    /// With a RST.
    Reset,
    /// Over TLS, with a FIN without the `close_notify` that should precede it.
    Unnotified,
    /// Over TLS, with a fatal alert and a FIN.
    Alert {
        /// Which one (RFC 8446, section 6).
        description: u8,
    },
    /// With nothing more until the peer left.
    Silence,
}

impl Contract {
    /// A response as it once came. It is judged as one fault, number 0, of which everything is part: bytes, pieces, silences, end.
    #[must_use]
    pub fn recorded(recorded: &Recorded) -> Self {
        let mut wire = Vec::new();
        let mut silences = Vec::new();
        let mut pieces = Vec::new();
        let mut silent = |at, lasting: Duration| {
            if !lasting.is_zero() {
                silences.push(Silence { at, lasting });
            }
        };
        for piece in &recorded.pieces {
            silent(wire.len(), piece.before);
            if !wire.is_empty() && !piece.bytes.is_empty() {
                pieces.push(wire.len());
            }
            wire.extend_from_slice(&piece.bytes);
        }
        let ending = match recorded.ending {
            RecordedEnding::GoesOn => Ending::GoesOn,
            RecordedEnding::Fin => Ending::Fin,
            RecordedEnding::Reset => Ending::Reset,
            RecordedEnding::Unnotified => Ending::Unnotified,
            RecordedEnding::Alert { description } => Ending::Alert { description },
            RecordedEnding::Silence => Ending::Stall { lasting: None },
        };
        // Before a silence without end another one cannot be told apart.
        if recorded.ending != RecordedEnding::Silence {
            silent(wire.len(), recorded.before_ending);
        }
        let claim = match ending {
            Ending::GoesOn => Claim::Bytes(wire.len()),
            _ => Claim::Ending,
        };
        let whole = Self::whole(wire, recorded.head, ending);
        Self {
            silences,
            pieces,
            parts: vec![Part { fault: 0, claim }],
            ..whole
        }
    }
}

//! Whether a contract was kept, from what the tap and the kernel saw. Shares no code with what carries contracts out, and trusts
//! none of it.

use std::time::Duration;

use journal::{FaultOutcome, How};
use sha2::{Digest, Sha256};

use crate::contract::{Claim, Contract, Ending, Part, Silence};
use crate::keep_alive::Repeated;
use crate::kernel::KernelState;
use crate::tap::Observed;
use crate::tls::{Farewell, alert_name};

/// How a fault ended, and the words for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Which fault, counted from 0 among those that the contract was made of.
    pub fault: usize,
    /// Delivered, superseded or undelivered.
    pub outcome: FaultOutcome,
    /// What should have left.
    pub expected: String,
    /// What did.
    pub observed: String,
}

/// Why the action is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// It says that it is.
    Done,
    /// What only the peer's leaving ends has just begun.
    Silent,
    /// It was cut short from outside, because the provider shuts down.
    Interrupted,
}

/// The alert by which an end is told from one that somebody else has made (RFC 8446, section 6.1).
const CLOSE_NOTIFY: u8 = 0;

/// So much later than it was due a FIN may still be on its way.
const LATE: Duration = Duration::from_secs(1);

/// Judges what was seen: every fault of the contract, in their order.
#[must_use]
pub fn verify(contract: &Contract, seen: &Observed, until: Until) -> Vec<Verification> {
    let sound = keeps_bytes(contract, seen);
    let whole = sound
        && seen.wire.len() >= contract.wire.len()
        && contract.heard.is_none_or(|heard| seen.heard >= heard)
        && keeps_pieces(contract, seen)
        && keeps_silences(contract, seen)
        && keeps_ending(contract, seen, until)
        && keeps_farewell(contract, seen)
        && keeps_frames(contract, seen);
    // What is missing is forgiven only where somebody else has ended it.
    let by_others = seen.left.is_some() || until == Until::Interrupted;
    let forgiven = sound && by_others && !is_overdue(contract, seen);
    let judged = contract.parts.iter().map(|part| {
        let outcome = match (whole, forgiven) {
            (true, _) => FaultOutcome::Delivered,
            (false, true) if is_felt(contract, part, seen) => FaultOutcome::Delivered,
            (false, true) => FaultOutcome::Superseded,
            (false, false) => FaultOutcome::Undelivered,
        };
        Verification {
            fault: part.fault,
            outcome,
            expected: format!("{contract} (sha256 {})", digest(&contract.wire)),
            observed: describe(seen, until),
        }
    });
    judged.collect()
}

/// Whether what has left is the contract's, as far as it goes: of what repeats, only a peer that left may have got a part.
fn keeps_bytes(contract: &Contract, seen: &Observed) -> bool {
    if seen.wire.len() <= contract.wire.len() {
        return contract.wire.starts_with(&seen.wire);
    }
    let Ending::KeepAlives { said, .. } = &contract.ending else {
        return false;
    };
    let Some(mut repeated) = seen.wire.strip_prefix(&*contract.wire) else {
        return false;
    };
    for frame in said.each() {
        match repeated.strip_prefix(&*frame) {
            Some(rest) => repeated = rest,
            None => return seen.left.is_some() && frame.starts_with(repeated),
        }
        if repeated.is_empty() {
            break;
        }
    }
    true
}

/// Whether a fault of a contract that was not kept to its end was carried out all the same, and the peer had it.
fn is_felt(contract: &Contract, part: &Part, seen: &Observed) -> bool {
    match part.claim {
        Claim::Bytes(bytes) => seen.wire.len() >= bytes,
        Claim::Silence(silence) => lasted(seen, silence.at) >= required(contract, silence.at),
        Claim::Slowly => contract.drip.is_some_and(|drip| {
            let begun = seen.wire.len() > drip.from;
            begun && keeps_silences(contract, seen)
        }),
        Claim::Ending => is_ending_felt(contract, seen),
    }
}

/// Whether an ending that the peer ends has begun when the peer left.
fn is_ending_felt(contract: &Contract, seen: &Observed) -> bool {
    let reached = seen.wire.len() >= contract.wire.len();
    let heard = contract.heard.is_none_or(|heard| seen.heard >= heard);
    match contract.ending {
        // That nothing left during the silence is already proved by the bytes.
        Ending::Stall { .. } => reached && heard,
        Ending::KeepAlives { .. } => {
            seen.wire.len() > contract.wire.len() && keeps_silences(contract, seen)
        }
        _ => false,
    }
}

/// Whether a silence went on although it should have ended long before the peer left.
fn is_overdue(contract: &Contract, seen: &Observed) -> bool {
    let Ending::Stall {
        lasting: Some(lasting),
    } = contract.ending
    else {
        return false;
    };
    lasted(seen, contract.wire.len()) > lasting + LATE
}

/// Every silence that is due before a byte that has left.
fn keeps_silences(contract: &Contract, seen: &Observed) -> bool {
    let kept = |at: usize| at >= seen.wire.len() || lasted(seen, at) >= required(contract, at);
    let singles = contract.silences.iter().all(|silence| {
        // One that nothing follows must have lasted all the same.
        let open = silence.at >= seen.wire.len() && seen.wire.len() == contract.wire.len();
        kept(silence.at) && (!open || lasted(seen, silence.at) >= silence.lasting)
    });
    let drops = contract.drip.is_none_or(|drip| {
        (drip.from..contract.wire.len())
            .step_by(drip.bytes.max(1))
            .all(kept)
    });
    let alive = match &contract.ending {
        Ending::KeepAlives { said, .. } => begun(said, contract, seen).all(kept),
        _ => true,
    };
    singles && drops && alive
}

/// Where each keep-alive has begun.
fn begun(said: &Repeated, contract: &Contract, seen: &Observed) -> impl Iterator<Item = usize> {
    let ends = said.each().scan(contract.wire.len(), |end, frame| {
        // A frame of nothing would be begun for ever.
        *end += frame.len().max(1);
        Some(*end)
    });
    let all = std::iter::once(contract.wire.len()).chain(ends);
    all.take_while(|at| *at < seen.wire.len())
}

/// How long nothing has to leave at a place.
fn required(contract: &Contract, at: usize) -> Duration {
    let here = |silence: &&Silence| silence.at == at;
    let single: Duration = { contract.silences.iter() }
        .filter(here)
        .map(|silence| silence.lasting)
        .sum();
    let dripping = contract
        .drip
        .filter(|drip| at >= drip.from && (at - drip.from).is_multiple_of(drip.bytes.max(1)));
    let drop = dripping.map_or(Duration::ZERO, |drip| drip.every);
    let alive = match &contract.ending {
        Ending::KeepAlives { every, .. } if at >= contract.wire.len() => *every,
        _ => Duration::ZERO,
    };
    single + drop + alive
}

/// How long nothing has left at a place. Both lists are in order, but a long one is asked for many places.
fn lasted(seen: &Observed, at: usize) -> Duration {
    let first = seen.gaps.partition_point(|gap| gap.at < at);
    let here = seen.gaps[first..].iter().take_while(|gap| gap.at == at);
    here.map(|gap| gap.lasted).sum()
}

/// Whether nothing that was to leave in two pieces has left in one.
fn keeps_pieces(contract: &Contract, seen: &Observed) -> bool {
    let mut writes = seen.writes.iter();
    let mut pieces = contract.pieces.iter();
    pieces.all(|piece| writes.any(|write| write == piece))
}

fn keeps_ending(contract: &Contract, seen: &Observed, until: Until) -> bool {
    let open = matches!(
        seen.kernel,
        KernelState::Established | KernelState::PeerClosed
    );
    let finished = seen.kernel == KernelState::FinSent && seen.drained.is_none();
    match (&contract.ending, until) {
        (Ending::HalfClose, Until::Silent | Until::Interrupted) => finished,
        (Ending::Stall { .. }, Until::Silent | Until::Interrupted) => open,
        (Ending::KeepAlives { .. }, Until::Silent | Until::Interrupted) => {
            open && seen.wire.len() > contract.wire.len()
        }
        (Ending::GoesOn | Ending::StreamReset { .. }, _) => open || seen.left.is_some(),
        (Ending::Stall { lasting: None }, _) => seen.left.is_some(),
        (Ending::KeepAlives { .. }, _) => {
            seen.left.is_some() && seen.wire.len() > contract.wire.len()
        }
        (
            Ending::Stall {
                lasting: Some(lasting),
            },
            _,
        ) => {
            let silent = lasted(seen, contract.wire.len());
            match seen.left {
                Some(_) => !is_overdue(contract, seen),
                None => finished && silent >= *lasting,
            }
        }
        // A peer that has reset the connection has taken every trace of our FIN with it, but for what was seen before.
        (Ending::HalfClose, _) => seen.left.is_some() && !open,
        (Ending::Fin | Ending::Unnotified | Ending::Alert { .. } | Ending::GoAway { .. }, _) => {
            finished
        }
        (Ending::Reset, _) => {
            seen.can_reset && seen.kernel == KernelState::Gone && seen.drained == Some(true)
        }
    }
}

/// Whether in TLS exactly that was said about the end which the contract wants.
fn keeps_farewell(contract: &Contract, seen: &Observed) -> bool {
    let ends = match &contract.ending {
        Ending::Unnotified => return seen.farewell == Farewell::Unsaid,
        Ending::Alert { description } => return seen.farewell == Farewell::Alert(*description),
        Ending::Fin | Ending::HalfClose | Ending::GoAway { .. } => true,
        Ending::Stall { lasting: Some(_) } => seen.kernel == KernelState::FinSent,
        _ => false,
    };
    match seen.farewell {
        Farewell::Plain => true,
        Farewell::Unsaid => !ends,
        Farewell::Alert(alert) => ends && alert == CLOSE_NOTIFY,
        Farewell::Unreadable => false,
    }
}

/// Whether over HTTP/2 exactly that was said about the end of the stream which the contract wants.
fn keeps_frames(contract: &Contract, seen: &Observed) -> bool {
    let Some(frames) = &seen.frames else {
        return !matches!(
            contract.ending,
            Ending::StreamReset { .. } | Ending::GoAway { .. }
        );
    };
    let ends = contract.ending == Ending::GoesOn && contract.head > 0;
    let resets = match contract.ending {
        Ending::StreamReset { code } => Some(code),
        _ => None,
    };
    let goes_away = match contract.ending {
        Ending::GoAway { code } => Some(code),
        _ => None,
    };
    !frames.unreadable
        && frames.ended == ends
        && frames.reset == resets
        && frames.went_away.map(|(_, code)| code) == goes_away
}

fn describe(seen: &Observed, until: Until) -> String {
    let end = match (seen.left, seen.kernel, until) {
        (_, KernelState::FinSent, Until::Silent) => "then a FIN, and still reading",
        (_, _, Until::Silent) => "then silence",
        (Some(How::Fin), ..) => "then the peer's FIN",
        (Some(How::Reset), ..) => "then the peer's RST",
        (None, KernelState::FinSent, _) => "then a FIN",
        (None, KernelState::Gone, _) if seen.can_reset => "then a RST",
        (None, KernelState::Gone, _) => "and the socket is gone",
        (None, _, Until::Interrupted) => "then the provider was shut down",
        (None, ..) => "and the connection is open",
    };
    let reset_without = match (seen.drained, seen.can_reset) {
        (Some(_), false) => "; a Unix socket has no RST",
        (Some(false), true) => "; the peer had not taken everything",
        _ => "",
    };
    let farewell = match seen.farewell {
        Farewell::Plain => String::new(),
        Farewell::Unsaid => "no TLS alert, ".to_owned(),
        Farewell::Alert(alert) => format!("the TLS alert {}, ", alert_name(alert)),
        Farewell::Unreadable => "what is no TLS, ".to_owned(),
    };
    let frames = match &seen.frames {
        Some(frames) if frames.unreadable => "what is no HTTP/2, ".to_owned(),
        Some(frames) => match (frames.reset, frames.went_away, frames.ended) {
            (Some(code), ..) => format!("a RST_STREAM with code {code}, "),
            (_, Some((_, code)), _) => format!("a GOAWAY with code {code}, "),
            (.., true) => "END_STREAM, ".to_owned(),
            _ => String::new(),
        },
        None => String::new(),
    };
    format!(
        "{} bytes (sha256 {}), {frames}{farewell}{end}{reset_without}",
        seen.wire.len(),
        digest(&seen.wire)
    )
}

/// The first 12 digits are enough to tell two responses apart by eye; equality is decided on the bytes.
fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

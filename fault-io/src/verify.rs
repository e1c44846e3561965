//! Whether a contract was kept, from what the tap and the kernel saw. Shares no code with the actions, and trusts none.

use journal::{FaultOutcome, How};
use sha2::{Digest, Sha256};

use crate::contract::{Contract, Ending};
use crate::kernel::KernelState;
use crate::tap::{Gap, Observed};

/// How a fault ended, and the words for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
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
    /// Its silence has just begun.
    Silent,
    /// It was cut short from outside, because the provider shuts down.
    Interrupted,
}

/// Judges what was seen.
#[must_use]
pub fn verify(contract: &Contract, seen: &Observed, until: Until) -> Verification {
    let outcome = match () {
        () if !keeps_bytes(contract, seen) => short(contract, seen, until),
        () if !keeps_silence(contract, seen, until) => missed(seen, until),
        () if !keeps_ending(contract, seen, until) => missed(seen, until),
        () => FaultOutcome::Delivered,
    };
    Verification {
        outcome,
        expected: format!("{contract} (sha256 {})", digest(&contract.wire)),
        observed: describe(seen, until),
    }
}

fn keeps_bytes(contract: &Contract, seen: &Observed) -> bool {
    contract.wire == seen.wire
}

/// Fewer bytes are forgiven only where somebody else has ended it, and only if they are the right ones.
fn short(contract: &Contract, seen: &Observed, until: Until) -> FaultOutcome {
    let right_so_far =
        contract.wire.len() > seen.wire.len() && contract.wire.starts_with(&seen.wire);
    match right_so_far {
        true => missed(seen, until),
        false => FaultOutcome::Undelivered,
    }
}

/// What should have happened did not: somebody else was first, or it is a mistake of ours.
fn missed(seen: &Observed, until: Until) -> FaultOutcome {
    match seen.left.is_some() || until == Until::Interrupted {
        true => FaultOutcome::Superseded,
        false => FaultOutcome::Undelivered,
    }
}

fn keeps_silence(contract: &Contract, seen: &Observed, until: Until) -> bool {
    let Some(silence) = contract.silence else {
        return true;
    };
    if until != Until::Done || (silence.peer_may_leave && seen.left.is_some()) {
        // That nothing left during it is already proved by the bytes.
        return silence.peer_may_leave;
    }
    let long_enough = |gap: &Gap| {
        gap.at == contract.cut && silence.lasting.is_some_and(|lasting| gap.lasted >= lasting)
    };
    seen.gaps.iter().any(long_enough)
}

fn keeps_ending(contract: &Contract, seen: &Observed, until: Until) -> bool {
    let open = matches!(
        seen.kernel,
        KernelState::Established | KernelState::PeerClosed
    );
    if until != Until::Done && contract.silence.is_some() {
        return open;
    }
    match contract.ending {
        Ending::GoesOn => open || seen.left.is_some(),
        Ending::PeerLeaves => seen.left.is_some(),
        Ending::Fin if contract.silence.is_some() && seen.left.is_some() => true,
        Ending::Fin => seen.kernel == KernelState::FinSent && seen.drained.is_none(),
        Ending::Reset => {
            seen.can_reset && seen.kernel == KernelState::Gone && seen.drained == Some(true)
        }
    }
}

fn describe(seen: &Observed, until: Until) -> String {
    let end = match (seen.left, seen.kernel, until) {
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
    format!(
        "{} bytes (sha256 {}), {end}{reset_without}",
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

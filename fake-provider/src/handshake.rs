//! The TLS handshake of a connection, and the faults in it. A fault that happens in a handshake is made ready by what precedes it,
//! like any that happens before a request has been read (`early`).

use std::sync::Arc;

use fault_io::{Identity, Left, Tap, Verification, alert_name};
use journal::{FaultOutcome, How};
use sha2::{Digest as _, Sha256};
use wire_faults::Action;

use crate::authority::Authority;
use crate::desk::Desk;
use crate::early::Early;
use crate::scripted::Leaves;

/// Length of a record's header (RFC 8446, section 5.1).
const HEADER: usize = 5;

/// Shakes hands, where TLS is spoken; how the connection was ended by a fault, if it was.
///
/// # Errors
///
/// The target leaves first, or refuses.
pub(crate) async fn shake_hands(desk: &Arc<Desk>, tap: &mut Tap) -> Result<Option<How>, Left> {
    let Some(authority) = &desk.options.authority else {
        return Ok(None);
    };
    read_hello(tap).await?;
    if let Leaves::Ended(how) = desk.happen_early(Early::Tls, tap).await? {
        return Ok(Some(how));
    }
    let foreseen = desk.take_certificate();
    let action = foreseen.as_ref().map(|foreseen| foreseen.action());
    let identity = shown(authority, action);
    if tap.secure(identity).is_err() {
        // A certificate of our own making is sound; without one there is nothing that could be said.
        return Ok(Some(How::Fin));
    }
    let shaken = tap.shake_hands().await;
    if let Some(foreseen) = foreseen {
        let verification = judged(identity, tap, shaken.err());
        foreseen.happened(desk, verification, shaken.is_err());
    }
    shaken.map(|()| None)
}

/// Reads the client's first record, which is all of its hello as far as anybody sends one.
async fn read_hello(tap: &mut Tap) -> Result<(), Left> {
    loop {
        let arrived = tap.inbound();
        if let Some((header, rest)) = arrived.split_first_chunk::<HEADER>()
            && rest.len() >= usize::from(u16::from_be_bytes([header[3], header[4]]))
        {
            return Ok(());
        }
        tap.read().await?;
    }
}

fn shown<'a>(authority: &'a Authority, action: Option<&Action>) -> &'a Identity {
    match action {
        Some(Action::ExpiredCertificate) => &authority.expired,
        Some(Action::WrongName) => &authority.elsewhere,
        _ => &authority.proper,
    }
}

/// What became of a fault that chose the certificate: judged by the certificate that is in the records that left.
fn judged(meant: &Identity, tap: &Tap, left: Option<Left>) -> Verification {
    let was_shown = tap.shown_certificate();
    let outcome = match (was_shown, left) {
        (Some(shown), _) if shown == meant.certificate() => FaultOutcome::Delivered,
        (None, Some(_)) => FaultOutcome::Superseded,
        _ => FaultOutcome::Undelivered,
    };
    let end = match (tap.refused_with(), left) {
        (Some(alert), _) => format!("refused with the TLS alert {}", alert_name(alert)),
        (None, Some(Left(How::Fin))) => "then the peer's FIN".to_owned(),
        (None, Some(Left(How::Reset))) => "then the peer's RST".to_owned(),
        (None, None) => "accepted".to_owned(),
    };
    Verification {
        fault: 0,
        outcome,
        expected: certificate(Some(meant.certificate())),
        observed: format!("{}, {end}", certificate(was_shown)),
    }
}

/// Two certificates are told apart by the first digits; whether they are equal is decided on the bytes.
fn certificate(der: Option<&[u8]>) -> String {
    let Some(der) = der else {
        return "no certificate".to_owned();
    };
    let digest = Sha256::digest(der);
    let digits: String = digest[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("the certificate (sha256 {digits})")
}

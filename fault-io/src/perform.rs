//! Carries a contract out, whatever it is: one executor for all of them. What has really left is judged afterwards, by
//! [`verify`](crate::verify), which shares no code with this.

use std::time::Duration;

use crate::contract::{Contract, Ending, Stop};
use crate::keep_alive::Repeated;
use crate::packed::Packed;
use crate::tap::{Left, Tap};

/// Carries a contract out.
///
/// # Errors
///
/// The peer leaves first.
pub async fn perform(tap: &mut Tap, contract: &Contract) -> Result<(), Left> {
    // What is heard of a stream may be nothing but its head.
    if contract.heard.is_some() && tap.inbound().is_empty() && !tap.is_stream() {
        tap.read().await?;
    }
    if let Some(packed) = &contract.packed {
        return perform_packed(tap, contract, packed).await;
    }
    let mut sent = 0;
    for Stop { at, silence } in contract.stops() {
        tap.send_shared(&contract.wire, sent..at).await?;
        sent = at;
        match silence.is_zero() {
            // On one runtime the peer would never see where a piece ends.
            true => tokio::task::yield_now().await,
            false => tap.silence(Some(silence)).await?,
        }
    }
    let whole = contract.wire.len();
    if contract.ending == Ending::Reset && sent < whole && !tap.is_stream() {
        // The last byte goes alone: more than one segment's worth makes the peer's kernel acknowledge at once, where it
        // would take up to 40 ms otherwise (RFC 9293, section 3.8.6.3), which no simulated clock can wait for.
        tap.send_shared(&contract.wire, sent..whole - 1).await?;
        sent = whole - 1;
    }
    tap.send_shared(&contract.wire, sent..whole).await?;
    end(tap, &contract.ending).await
}

async fn perform_packed(tap: &mut Tap, contract: &Contract, packed: &Packed) -> Result<(), Left> {
    let mut sent = 0;
    for Stop { at, silence } in contract.stops() {
        tap.send_uncopied(&packed.bytes(sent..at)).await?;
        sent = at;
        tap.silence(Some(silence)).await?;
    }
    tap.send_uncopied(&packed.bytes(sent..packed.len())).await?;
    end(tap, &contract.ending).await
}

async fn end(tap: &mut Tap, ending: &Ending) -> Result<(), Left> {
    match ending {
        Ending::GoesOn => tap.end_stream().await?,
        Ending::StreamReset { code } => tap.reset_stream(*code).await?,
        Ending::GoAway { code } => tap.go_away(*code).await?,
        Ending::Fin => tap.say_goodbye().await?,
        Ending::Reset => tap.reset().await,
        Ending::Unnotified => tap.shut_unnotified().await?,
        Ending::Alert { description } => tap.alert(*description).await?,
        Ending::HalfClose => {
            tap.say_goodbye().await?;
            tap.tell_silent();
            return Err(tap.peer_leaves_unheard().await);
        }
        Ending::Stall { lasting } => {
            tap.tell_silent();
            tap.silence(*lasting).await?;
            tap.say_goodbye().await?;
        }
        Ending::KeepAlives { said, every } => return keep_alive(tap, said, *every).await,
    }
    Ok(())
}

async fn keep_alive(tap: &mut Tap, said: &Repeated, every: Duration) -> Result<(), Left> {
    for frame in said.each() {
        tap.silence(Some(every)).await?;
        tap.send_shared(&frame, 0..frame.len()).await?;
        tap.tell_silent();
    }
    Ok(())
}

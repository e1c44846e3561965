//! The connection is torn down. Contract: exactly the bytes before the place leave, the peer's kernel takes them all, then a
//! RST. Without the waiting a RST would throw away what is still queued, and the cut would be anywhere.
//!
//! A Unix socket has no RST: there this is never delivered, and a plan that resets has to choose TCP.

use crate::action::{Action, Performing, send};
use crate::contract::{Contract, Ending};
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Reset;

impl Action for Reset {
    fn contract(&self, response: &Response, wire: &Wire, place: Place) -> Contract {
        Contract::ends_at(wire, response, place, Ending::Reset)
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(async move {
            // The last byte goes alone: more than one segment's worth makes the peer's kernel acknowledge at once, where it
            // would take up to 40 ms otherwise (RFC 9293, section 3.8.6.3), which no simulated clock can wait for.
            let last = contract.cut.saturating_sub(1);
            send(tap, contract, 0, last).await?;
            send(tap, contract, last, contract.cut).await?;
            tap.reset().await;
            Ok(())
        })
    }
}

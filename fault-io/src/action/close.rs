//! The connection is closed. Contract: exactly the bytes before the place leave, then a FIN; the transfer coding is not ended.
//! A frame that is cut states its full size in its chunk header.

use crate::action::{Action, Performing, send};
use crate::contract::{Contract, Ending};
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Close;

impl Action for Close {
    fn contract(&self, response: &Response, wire: &Wire, place: Place) -> Contract {
        Contract::ends_at(wire, response, place, Ending::Fin)
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(async move {
            send(tap, contract, 0, contract.cut).await?;
            tap.finish();
            Ok(())
        })
    }
}

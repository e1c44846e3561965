//! Silence for a while. Contract: every byte of the response leaves, with nothing for at least `lasting` at the place; then
//! the connection is left as without the fault.

use std::time::Duration;

use crate::action::{Action, Performing, send};
use crate::contract::{Contract, Ending, Silence};
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Delay {
    pub(super) lasting: Duration,
}

impl Action for Delay {
    fn contract(&self, response: &Response, _: &Wire, place: Place) -> Contract {
        let mut contract = Contract::plain(response);
        contract.cut = place.wire;
        contract.silence = Some(Silence {
            lasting: Some(self.lasting),
            peer_may_leave: false,
        });
        contract
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(async move {
            send(tap, contract, 0, contract.cut).await?;
            tap.silence(Some(self.lasting)).await?;
            send(tap, contract, contract.cut, contract.wire.len()).await?;
            if contract.ending == Ending::Fin {
                tap.finish();
            }
            Ok(())
        })
    }
}

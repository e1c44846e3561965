//! Silence without end. Contract: exactly the bytes before the place leave, then nothing, on an open connection, until the
//! peer leaves; or for `lasting`, and then a FIN.

use std::time::Duration;

use crate::action::{Action, Performing, send};
use crate::contract::{Contract, Ending, Silence};
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Stall {
    pub(super) lasting: Option<Duration>,
}

impl Action for Stall {
    fn contract(&self, response: &Response, wire: &Wire, place: Place) -> Contract {
        let ending = match self.lasting {
            Some(_) => Ending::Fin,
            None => Ending::PeerLeaves,
        };
        let mut contract = Contract::ends_at(wire, response, place, ending);
        contract.silence = Some(Silence {
            lasting: self.lasting,
            peer_may_leave: true,
        });
        contract
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(async move {
            send(tap, contract, 0, contract.cut).await?;
            tap.tell_silent();
            tap.silence(self.lasting).await?;
            tap.finish();
            Ok(())
        })
    }
}

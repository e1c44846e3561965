//! The provider answers with an error status. Contract: the error answer leaves whole, and the connection goes on. The
//! answer's body and headers are the dialect's; to the wire it is a response like any other.

use crate::action::{Action, Performing, plain};
use crate::contract::Contract;
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Status;

impl Action for Status {
    fn contract(&self, response: &Response, _: &Wire, _: Place) -> Contract {
        Contract::plain(response)
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(plain(tap, contract))
    }
}

//! The body ends too early, in clean HTTP. Contract: the body before the place leaves, in frames that state what they hold,
//! and is ended as its framing ends any body: by the last chunk, by a length that fits, or by the connection's end.

use crate::action::{Action, Performing, plain};
use crate::contract::Contract;
use crate::response::Response;
use crate::tap::Tap;
use crate::wire::{Place, Wire};

#[derive(Debug)]
pub(super) struct Truncate;

impl Action for Truncate {
    fn contract(&self, response: &Response, _: &Wire, place: Place) -> Contract {
        Contract::plain(&response.ended_after(place.body))
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a> {
        Box::pin(plain(tap, contract))
    }
}

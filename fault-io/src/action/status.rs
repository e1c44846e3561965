//! The provider answers with an error status. Contract: the error answer leaves whole, and the connection goes on. The
//! answer's body and headers are the dialect's; to the wire it is a response like any other.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Status;

impl Action for Status {
    fn stage(&self) -> Stage {
        Stage::Instead
    }

    fn apply(&self, _: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        Ok(Proof::Whole)
    }
}

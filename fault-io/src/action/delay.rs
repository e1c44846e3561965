//! Silence for a while. Contract: every byte of the response leaves, with nothing for at least `lasting` at the place; then
//! the connection is left as without the fault.

use std::time::Duration;

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Delay {
    pub(super) lasting: Duration,
}

impl Action for Delay {
    fn stage(&self) -> Stage {
        Stage::Timing
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        draft.silences.push((at, self.lasting));
        Ok(Proof::Silence(at))
    }
}

//! A slow rest. Contract: every byte of the response leaves; after the place at most `bytes` bytes of the wire at a time, with
//! nothing for at least `every` before each; then the connection is left as without the fault. A peer that leaves meanwhile has
//! felt it, once one silence was whole.

use std::time::Duration;

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof, Slow};

#[derive(Debug)]
pub(super) struct Drip {
    pub(super) bytes: usize,
    pub(super) every: Duration,
}

impl Action for Drip {
    fn stage(&self) -> Stage {
        Stage::Timing
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        draft.drip = Some(Slow {
            from: at,
            bytes: self.bytes,
            every: self.every,
        });
        Ok(Proof::Slowly(at))
    }
}

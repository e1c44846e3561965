//! The rest in pieces. Contract: every byte of the body leaves; after the place in frames of `bytes` bytes, and each frame, like
//! so many bytes of the head, in a write of its own.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Split {
    pub(super) bytes: usize,
}

impl Action for Split {
    fn stage(&self) -> Stage {
        Stage::Pieces
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let before = draft.body_before(at)?;
        draft.split_from(before, self.bytes);
        draft.split = Some((at, self.bytes));
        Ok(Proof::Whole)
    }
}

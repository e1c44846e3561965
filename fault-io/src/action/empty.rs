//! Nothing comes instead of the answer. Contract: status 200 with the answer's own headers and a length of 0; then the
//! connection goes on.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Empty;

impl Action for Empty {
    fn stage(&self) -> Stage {
        Stage::Instead
    }

    fn apply(&self, draft: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        draft.replace_body(b"");
        draft.frames.clear();
        Ok(Proof::Whole)
    }
}

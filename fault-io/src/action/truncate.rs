//! The body ends too early, in clean HTTP. Contract: the body before the place leaves, in frames that state what they hold,
//! and is ended as its framing ends any body: by the last chunk, by a length that fits, or by the connection's end.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Truncate;

impl Action for Truncate {
    fn stage(&self) -> Stage {
        Stage::Cut
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let before = draft.body_before(at)?;
        draft.cut_body(before);
        Ok(Proof::Whole)
    }
}

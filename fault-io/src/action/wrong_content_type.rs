//! A head that names another type. Contract: every byte of the response leaves, with the value of `content-type` replaced.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};
use crate::place::Place;

#[derive(Debug)]
pub(super) struct WrongContentType {
    pub(super) content_type: String,
}

impl Action for WrongContentType {
    fn stage(&self) -> Stage {
        Stage::Head
    }

    fn apply(&self, draft: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        draft.set_header("content-type", &self.content_type);
        let head = draft.mark(Place::Body);
        Ok(Proof::Until(head, 0))
    }
}

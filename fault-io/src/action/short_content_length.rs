//! A body that is shorter than was promised. Contract: the whole body leaves behind a `content-length` that is `by` too large,
//! whatever framing it would have had, then a FIN.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};
use crate::response::Framing;

#[derive(Debug)]
pub(super) struct ShortContentLength {
    pub(super) by: u64,
}

impl Action for ShortContentLength {
    fn stage(&self) -> Stage {
        Stage::Head
    }

    fn apply(&self, draft: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        draft.framing = Framing::ContentLength;
        draft.missing = self.by;
        draft.ending = Some(Ending::Fin);
        Ok(Proof::Ending)
    }
}

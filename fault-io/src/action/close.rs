//! The connection is closed. Contract: exactly the bytes before the place leave, then a FIN; the transfer coding is not ended.
//! A frame that is cut states its full size in its chunk header.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Close;

impl Action for Close {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        Ok(draft.end_at(at, Ending::Fin))
    }
}

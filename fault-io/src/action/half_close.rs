//! Our side is closed. Contract: exactly the bytes before the place leave, then a FIN; whatever the peer sends is still read,
//! and thrown away, until the peer leaves.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct HalfClose;

impl Action for HalfClose {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        Ok(draft.end_at(at, Ending::HalfClose))
    }
}

//! Bytes of one's own. Contract: exactly the bytes before the place leave, then these, in no transfer coding, then a FIN.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Cut, Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Raw {
    pub(super) data: Vec<u8>,
}

impl Action for Raw {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        draft.cut = Some(Cut {
            at,
            tail: self.data.clone(),
        });
        draft.ending = Some(Ending::Fin);
        Ok(Proof::Ending)
    }
}

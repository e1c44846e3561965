//! Bytes of one's own. Contract: exactly the bytes before the place leave, then these, in no transfer coding, then a FIN.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Cut, Draft, Mark, Proof};
use crate::place::Place;

#[derive(Debug)]
pub(super) struct Raw {
    pub(super) data: Vec<u8>,
}

impl Action for Raw {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if draft.http2 && matches!(draft.place(at), Place::Head(_)) {
            // What is no frame would be a matter of the whole connection.
            return Err(Inapplicable::Transport);
        }
        draft.cut = Some(Cut {
            at,
            tail: self.data.clone(),
        });
        draft.ending = Some(Ending::Fin);
        Ok(Proof::Ending)
    }
}

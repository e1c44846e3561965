//! An event twice. Contract: every byte of the response leaves, and the event at the place once more right after itself, in a
//! frame of its own.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Duplicate;

impl Action for Duplicate {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if !draft.streamed() {
            return Err(Inapplicable::NoEvents);
        }
        let event = draft.event_at(at)?;
        let copy = draft.body[draft.frames[event].bytes.clone()].to_vec();
        draft.insert_frame(event + 1, &copy, true);
        Ok(draft.until_end_of(event + 1))
    }
}

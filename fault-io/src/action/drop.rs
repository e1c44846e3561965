//! An event that never comes. Contract: every byte of the response leaves but for the event at the place.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Drop;

impl Action for Drop {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if !draft.streamed() {
            return Err(Inapplicable::NoEvents);
        }
        let event = draft.event_at(at)?;
        draft.remove_frame(event);
        // That it is missing shows once what follows it has left.
        match event < draft.frames.len() {
            true => Ok(draft.until_end_of(event)),
            false => Ok(Proof::Whole),
        }
    }
}

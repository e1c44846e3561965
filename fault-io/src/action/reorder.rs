//! Events in the wrong order. Contract: every byte of the response leaves, the event at the place and the next one having
//! changed places.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Reorder;

impl Action for Reorder {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if !draft.streamed() {
            return Err(Inapplicable::NoEvents);
        }
        let event = draft.event_at(at)?;
        let mut later = draft.frames[event + 1..].iter();
        let further = later.position(|frame| frame.is_event);
        let next = event + 1 + further.ok_or(Inapplicable::NoNextEvent)?;
        draft.swap_frames(event, next);
        Ok(draft.until_end_of(next))
    }
}

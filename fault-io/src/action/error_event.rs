//! An error inside an answer that began well. Contract: of a stream, the events before the place leave, whole, then what the
//! dialect says of an error, an event a frame, and the body ends cleanly; of a document, what the dialect says leaves instead.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};
use crate::place::Place;

#[derive(Debug)]
pub(super) struct ErrorEvent;

impl Action for ErrorEvent {
    fn stage(&self) -> Stage {
        Stage::Cut
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if draft.error_event.is_empty() {
            return Err(Inapplicable::NoErrorEvent);
        }
        if !draft.streamed() && draft.place(at) != Place::Body {
            return Err(Inapplicable::NoEvents);
        }
        let frames = std::mem::take(&mut draft.error_event);
        if !draft.streamed() {
            draft.frames.clear();
            draft.cut_body(0);
            draft.insert_frame(0, &frames.concat(), false);
            return Ok(Proof::Whole);
        }
        let boundary = draft.boundary_at(at)?;
        if let Some(next) = draft.frames.get(boundary) {
            let end = next.bytes.start;
            draft.cut_body(end);
        }
        for (further, frame) in frames.iter().enumerate() {
            draft.insert_frame(boundary + further, frame, true);
        }
        Ok(draft.until_end_of(boundary + frames.len() - 1))
    }
}

//! Text that is none. Contract: every byte of the response leaves, with a byte 0xFF before the next byte after the place, in
//! the same frame; sizes and lengths state what is sent. No UTF-8 has that byte (RFC 3629, section 3).

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};
use crate::place::Place;

#[derive(Debug)]
pub(super) struct MalformUtf8;

impl Action for MalformUtf8 {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let frame = draft.frame_at(at)?;
        let before = draft.body_before(at)?;
        draft.insert(frame, before, &[0xff]);
        let after = draft.mark(Place::after_byte(before + 1));
        Ok(Proof::Until(after, 0))
    }
}

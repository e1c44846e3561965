//! A byte order mark. Contract: every byte of the response leaves, and EF BB BF before the first of the body, in the same frame;
//! sizes and lengths state what is sent.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};
use crate::place::Place;

#[derive(Debug)]
pub(super) struct Bom;

impl Action for Bom {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let frame = draft.frame_at(at)?;
        let first = draft.frames[frame].bytes.start;
        draft.insert(frame, first, "\u{feff}".as_bytes());
        let after = draft.mark(Place::after_byte(first + 3));
        Ok(Proof::Until(after, 0))
    }
}

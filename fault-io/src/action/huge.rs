//! An event too large for its reader. Contract: every byte of the response leaves, and before the last closing brace of the
//! event at the place, or of the document, as many spaces as make it `bytes` long; they mean nothing in JSON (RFC 8259,
//! section 2). Sizes and lengths state what is sent.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Huge {
    pub(super) bytes: usize,
}

impl Action for Huge {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let event = draft.event_at(at)?;
        let brace = draft.last_brace(event)?;
        let length = draft.frames[event].bytes.len();
        let missing = self
            .bytes
            .checked_sub(length)
            .filter(|missing| *missing > 0);
        let spaces = vec![b' '; missing.ok_or(Inapplicable::LargeAlready)?];
        draft.insert(event, brace, &spaces);
        Ok(draft.until_end_of(event))
    }
}

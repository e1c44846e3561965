//! Lines that end in CRLF. Contract: every byte of the response leaves, and a CR before every LF of the body that has none; sizes
//! and lengths state what is sent.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Crlf;

impl Action for Crlf {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let first = draft.frame_at(at)?;
        if !draft.streamed() {
            return Err(Inapplicable::NoEvents);
        }
        for frame in (0..draft.frames.len()).rev() {
            let bytes = draft.frames[frame].bytes.clone();
            let bare =
                |at: &usize| draft.body[*at] == b'\n' && (*at == 0 || draft.body[*at - 1] != b'\r');
            let ends: Vec<usize> = bytes.rev().filter(bare).collect();
            for end in ends {
                draft.insert(frame, end, b"\r");
            }
        }
        Ok(draft.until_end_of(first))
    }
}

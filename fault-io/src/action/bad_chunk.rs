//! A chunk whose size is no number. Contract: every byte of the chunked response leaves, whatever framing it would have had, but
//! for the size of the first chunk that begins at or after the place, which is `zz`; then a FIN.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};
use crate::response::Framing;
use crate::wire::NO_SIZE;

#[derive(Debug)]
pub(super) struct BadChunk;

impl Action for BadChunk {
    fn stage(&self) -> Stage {
        Stage::Framing
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let chunk = draft.boundary_at(at)?;
        let place = draft.before_frame(chunk);
        draft.framing = Framing::Chunked;
        draft.bad_chunk = Some(chunk);
        draft.ending = Some(Ending::Fin);
        Ok(Proof::Until(draft.mark(place), NO_SIZE.len()))
    }
}

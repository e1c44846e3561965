//! JSON that is none. Contract: every byte of the response leaves but for the last closing brace of the event at the place, or
//! of the document; sizes and lengths state what is sent.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct MalformJson;

impl Action for MalformJson {
    fn stage(&self) -> Stage {
        Stage::Content
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let event = draft.event_at(at)?;
        let brace = draft.last_brace(event)?;
        draft.remove(event, brace..brace + 1);
        Ok(draft.until_end_of(event))
    }
}

//! The stream is reset. Contract: exactly the bytes before the place leave as `DATA`, then a `RST_STREAM`; the connection goes on.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct ResetStream {
    pub(super) code: u32,
}

impl Action for ResetStream {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let code = self.code;
        Ok(draft.end_at(at, Ending::StreamReset { code }))
    }
}

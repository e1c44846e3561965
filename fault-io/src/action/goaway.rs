//! The connection is told to go away. Contract: exactly the bytes before the place leave as `DATA`, then a `GOAWAY` that names this
//! stream as the last one, then a FIN; the stream is not ended.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Goaway {
    pub(super) code: u32,
}

impl Action for Goaway {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let code = self.code;
        Ok(draft.end_at(at, Ending::GoAway { code }))
    }
}

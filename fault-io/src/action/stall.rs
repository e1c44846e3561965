//! Silence without end. Contract: exactly the bytes before the place leave, then nothing, on an open connection, until the
//! peer leaves; or for `lasting`, and then a FIN.

use std::time::Duration;

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Stall {
    pub(super) lasting: Option<Duration>,
}

impl Action for Stall {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let lasting = self.lasting;
        Ok(draft.end_at(at, Ending::Stall { lasting }))
    }
}

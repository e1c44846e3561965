//! A connection that was promised to stay open and does not. Contract: once the first byte of the next request has come, the
//! connection is closed by a FIN or a RST without a byte.

use wire_faults::End;

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct StaleKeepalive {
    pub(super) end: End,
}

impl Action for StaleKeepalive {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        draft.waits_for_request = true;
        let ending = match self.end {
            End::Close => Ending::Fin,
            End::Reset => Ending::Reset,
        };
        Ok(draft.end_at(at, ending))
    }
}

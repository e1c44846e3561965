//! The connection is torn down. Contract: exactly the bytes before the place leave, the peer's kernel takes them all, then a
//! RST. Without the waiting a RST would throw away what is still queued, and the cut would be anywhere.
//!
//! A Unix socket has no RST: there this is never delivered, and a plan that resets has to choose TCP.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Reset;

impl Action for Reset {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        Ok(draft.end_at(at, Ending::Reset))
    }
}

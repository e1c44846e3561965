//! The connection is closed under TLS. Contract: exactly the bytes before the place leave, then a FIN, and no `close_notify`, by
//! which an end is told from one that somebody has made (RFC 8446, section 6.1).

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct TlsTruncate;

impl Action for TlsTruncate {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        Ok(draft.end_at(at, Ending::Unnotified))
    }
}

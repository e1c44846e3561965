//! The connection ends with a fatal alert of TLS. Contract: exactly the bytes before the place leave, then the alert, sealed like
//! everything else, then a FIN. In the handshake, before there are keys, it is a plain record, and all that leaves.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Cut, Draft, Mark, Proof};
use crate::tls::plain_alert;

#[derive(Debug)]
pub(super) struct TlsAlert {
    pub(super) description: u8,
    pub(super) before_keys: bool,
}

impl Action for TlsAlert {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let description = self.description;
        if self.before_keys {
            draft.end_at(at, Ending::Fin);
            draft.cut = Some(Cut {
                at,
                tail: plain_alert(description).to_vec(),
            });
            return Ok(Proof::Ending);
        }
        Ok(draft.end_at(at, Ending::Alert { description }))
    }
}

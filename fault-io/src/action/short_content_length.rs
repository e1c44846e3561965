//! A body that is shorter than was promised. Contract: the whole body leaves behind a `content-length` that is `by` too large,
//! whatever framing it would have had, then a FIN; over HTTP/2 the stream ends, and the connection goes on.

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Draft, Mark, Proof};
use crate::response::Framing;

#[derive(Debug)]
pub(super) struct ShortContentLength {
    pub(super) by: u64,
}

impl Action for ShortContentLength {
    fn stage(&self) -> Stage {
        Stage::Head
    }

    fn apply(&self, draft: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        draft.framing = Framing::ContentLength;
        draft.missing = self.by;
        // A stream ends by itself; the length that does not fit makes it malformed (RFC 9113, section 8.1.1).
        draft.ending = (!draft.http2).then_some(Ending::Fin);
        Ok(Proof::Ending)
    }
}

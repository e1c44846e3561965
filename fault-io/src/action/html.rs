//! A page for a browser comes instead of the answer. Contract: status 200, the answer's own headers but for
//! `content-type: text/html`, and [`PAGE`] by its length; then the connection goes on.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

/// What the gateways and captive portals of this world answer with.
pub(crate) const PAGE: &[u8] = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
<body><h1>Welcome</h1><p>Please sign in to continue.</p></body></html>\n";

#[derive(Debug)]
pub(super) struct Html;

impl Action for Html {
    fn stage(&self) -> Stage {
        Stage::Instead
    }

    fn apply(&self, draft: &mut Draft, _: Mark) -> Result<Proof, Inapplicable> {
        draft.replace_body(PAGE);
        draft.set_header("content-type", "text/html; charset=utf-8");
        Ok(Proof::Whole)
    }
}

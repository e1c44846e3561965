//! Keep-alives and nothing else. Contract: the frames before the place leave, whole, then the dialect's keep-alive over and over,
//! numbered on where its events are, each in a frame of its own with nothing for at least `every` before it, until the peer leaves.

use std::time::Duration;

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Cut, Draft, Mark, Proof};
use crate::keep_alive::Repeated;
use crate::response::Framing;

#[derive(Debug)]
pub(super) struct KeepaliveForever {
    pub(super) every: Duration,
}

impl Action for KeepaliveForever {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        if draft.keep_alive.frame.is_empty() {
            return Err(Inapplicable::NoKeepAlive);
        }
        if !draft.streamed() {
            return Err(Inapplicable::NoEvents);
        }
        if draft.framing == Framing::ContentLength {
            return Err(Inapplicable::LengthTold);
        }
        let boundary = draft.boundary_at(at)?;
        let from = draft.before_frame(boundary);
        let from = draft.mark(from);
        draft.cut = Some(Cut {
            at: from,
            tail: Vec::new(),
        });
        let said_before = draft.frames[..boundary].iter();
        let events = said_before.filter(|frame| frame.is_event).count();
        let said = Repeated {
            frame: draft.keep_alive.clone(),
            first: u64::try_from(events).unwrap_or(u64::MAX),
            framing: Some(draft.framing),
        };
        draft.keep_alives = Some((said, self.every));
        Ok(Proof::Ending)
    }
}

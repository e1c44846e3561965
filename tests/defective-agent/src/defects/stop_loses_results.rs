//! After a stop the conversation is rolled back to the last thing the model said: its calls without their results.
//!
//! As in opencode#21326 and claude-code#3003.

use std::sync::Arc;

use journal::Fact;
use reference_agent::message::Message;
use reference_agent::seams::{HistoryWriter, OneResultEach, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "stop-loses-results",
    sentence: "A turn that was not answered is remembered without the results of its tools.",
    replaces: &["history"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-call-has-one-result",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &["tools/stop-between-call-and-answer"],
    seams,
};

fn seams() -> Seams {
    Seams {
        history: Arc::new(RollingBack),
        ..Seams::default()
    }
}

struct RollingBack;

impl HistoryWriter for RollingBack {
    fn remember(&self, messages: Vec<Message>, answered: bool) -> Vec<Message> {
        let mut messages = OneResultEach.remember(messages, answered);
        while !answered && matches!(messages.last(), Some(Message::Tool { .. })) {
            messages.pop();
        }
        messages
    }
}

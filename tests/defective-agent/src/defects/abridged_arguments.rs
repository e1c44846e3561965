//! To save tokens, arguments of tools are remembered only in their beginning.
//!
//! As in ai-sdk-go#116.

use std::sync::Arc;

use journal::Fact;
use reference_agent::message::Message;
use reference_agent::provider::Answer;
use reference_agent::seams::{HistoryWriter, OneResultEach, Seams};
use reference_agent::tools::ToolOutput;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "abridged-arguments",
    sentence: "The history holds the first twelve bytes of each tool call's arguments, which are no JSON.",
    replaces: &["history"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "request-accepted",
        mistake: |fact| matches!(fact, Fact::RequestRefused { .. }),
    }],
    also: &[],
    shown_by: &["clients/tool-round-then-second-turn"],
    seams,
};

fn seams() -> Seams {
    Seams {
        history: Arc::new(Abridging),
        ..Seams::default()
    }
}

struct Abridging;

impl HistoryWriter for Abridging {
    fn round(&self, messages: &mut Vec<Message>, mut answer: Answer, results: Vec<ToolOutput>) {
        for call in &mut answer.calls {
            call.arguments
                .truncate(call.arguments.floor_char_boundary(12));
        }
        OneResultEach.round(messages, answer, results);
    }
}

//! Results of tools are kept by the name of the tool, so that two calls of one tool share one.
//!
//! As in Qwen-Agent#943.

use std::collections::BTreeMap;
use std::sync::Arc;

use journal::Fact;
use reference_agent::message::Message;
use reference_agent::provider::Answer;
use reference_agent::seams::{HistoryWriter, Seams};
use reference_agent::tools::ToolOutput;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "results-by-name",
    sentence: "Of two calls of the same tool in one answer, only the last gets a result.",
    replaces: &["history"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-call-has-one-result",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &["tools/parallel-calls-are-all-answered"],
    seams,
};

fn seams() -> Seams {
    Seams {
        history: Arc::new(ByName),
        ..Seams::default()
    }
}

struct ByName;

impl HistoryWriter for ByName {
    fn round(&self, messages: &mut Vec<Message>, answer: Answer, results: Vec<ToolOutput>) {
        let named: BTreeMap<&str, Message> = answer
            .calls
            .iter()
            .zip(results)
            .map(|(call, output)| {
                let (call_id, content) = (call.id.clone(), output.content);
                (call.name.as_str(), Message::Tool { call_id, content })
            })
            .collect();
        let answers: Vec<Message> = named.into_values().collect();
        messages.push(Message::Assistant {
            content: answer.text,
            tool_calls: answer.calls,
            keepsake: answer.keepsake,
        });
        messages.extend(answers);
    }
}

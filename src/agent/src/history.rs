//! How a round of tools enters a conversation, also when it was interrupted: every call gets exactly one result.

use crate::message::Message;
use crate::provider::Answer;
use crate::tools::ToolOutput;

/// The result of a call whose tool never ran, or was given up in the middle.
pub(crate) const INTERRUPTED: &str = "interrupted: the run was stopped before this call returned; it may or may not have taken effect";

/// Writes rounds into conversations.
pub trait HistoryWriter: Send + Sync {
    /// Appends what the model said and the results of its calls. `results` has one entry per call that returned, in
    /// order; calls beyond them were interrupted.
    fn round(&self, messages: &mut Vec<Message>, answer: Answer, results: Vec<ToolOutput>) {
        let mut results = results.into_iter();
        let answers: Vec<Message> = answer
            .calls
            .iter()
            .map(|call| Message::Tool {
                call_id: call.id.clone(),
                content: results
                    .next()
                    .map_or_else(|| INTERRUPTED.to_owned(), |output| output.content),
            })
            .collect();
        messages.push(Message::Assistant {
            content: answer.text,
            tool_calls: answer.calls,
            keepsake: answer.keepsake,
        });
        messages.extend(answers);
    }

    /// What a session remembers of a turn: all, when it brought an answer; its rounds of tools, when it did not; nothing
    /// at all, when there were none. Well-formed in each case.
    fn remember(&self, mut messages: Vec<Message>, answered: bool) -> Vec<Message> {
        if !answered && matches!(messages.last(), Some(Message::User { .. })) {
            messages.pop();
        }
        messages
    }
}

/// Every call gets its result.
#[derive(Debug, Default, Clone, Copy)]
pub struct OneResultEach;

impl HistoryWriter for OneResultEach {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::ToolCall;

    #[test]
    fn an_interrupted_call_has_a_result_too() {
        let call = |id: &str| ToolCall {
            id: id.to_owned(),
            name: "list".to_owned(),
            arguments: "{}".to_owned(),
        };
        let mut messages = vec![Message::user("u")];
        let results = vec![ToolOutput::result("one")];
        OneResultEach.round(
            &mut messages,
            Answer::salvaged(String::new(), vec![call("a"), call("b")]),
            results,
        );
        let answered: Vec<(&str, &str)> = messages
            .iter()
            .filter_map(|message| match message {
                Message::Tool { call_id, content } => Some((call_id.as_str(), content.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(answered, [("a", "one"), ("b", INTERRUPTED)]);
    }
}

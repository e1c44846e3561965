//! What a provider is asked, in terms of our own. Knows no dialect.

use crate::message::{Message, ToolCall};
use crate::tools::ToolDefinition;

/// What one request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The conversation, its last message first to be answered.
    pub messages: Vec<Message>,
    /// The tools the model may call.
    pub tools: Vec<ToolDefinition>,
    /// Whether the answer is streamed.
    pub streaming: bool,
    /// Most tokens of the answer.
    pub max_tokens: Option<u32>,
}

impl Question {
    /// All that the model is told about its task, one paragraph each, for dialects that want it apart from the conversation.
    pub(super) fn instructions(&self) -> String {
        let parts = self.messages.iter().filter_map(|message| match message {
            Message::System { content } => Some(content.as_str()),
            _ => None,
        });
        parts.collect::<Vec<_>>().join("\n\n")
    }

    /// The calls that the model made so far.
    pub(super) fn calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.messages.iter().flat_map(|message| match message {
            Message::Assistant { tool_calls, .. } => tool_calls.as_slice(),
            _ => &[],
        })
    }

    /// The name of the tool that the call of this id called.
    pub(super) fn tool_of(&self, call_id: &str) -> &str {
        let called = self.calls().filter(|call| call.id == call_id).last();
        called.map_or("", |call| call.name.as_str())
    }
}

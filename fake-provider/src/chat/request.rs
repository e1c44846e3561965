//! What a chat request says, read leniently: even a request that breaks the rules has an address. [`super::rules`] is strict.

use journal::{SeenToolCall, SeenToolResult};
use serde_json::Value;

use crate::addressing::Turn;

/// A request for a completion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChatRequest {
    pub(crate) model: Option<String>,
    pub(crate) streamed: bool,
    /// Whether the stream is to end with a chunk that tells the usage.
    pub(crate) include_usage: bool,
    pub(crate) offers_tools: bool,
    pub(crate) turns: Vec<Turn>,
}

impl ChatRequest {
    pub(crate) fn read(body: &Value) -> Self {
        let messages = body["messages"].as_array();
        Self {
            model: body["model"].as_str().map(str::to_owned),
            streamed: body["stream"].as_bool().unwrap_or(false),
            include_usage: body["stream_options"]["include_usage"]
                .as_bool()
                .unwrap_or(false),
            offers_tools: body["tools"]
                .as_array()
                .is_some_and(|tools| !tools.is_empty()),
            turns: messages.into_iter().flatten().map(turn).collect(),
        }
    }

    pub(crate) fn tool_calls(&self) -> impl Iterator<Item = &SeenToolCall> {
        let calls = self.turns.iter().map(|turn| match turn {
            Turn::Assistant(calls) => calls.as_slice(),
            _ => &[],
        });
        calls.flatten()
    }

    pub(crate) fn said_before(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Said(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }

    pub(crate) fn tool_results(&self) -> impl Iterator<Item = &SeenToolResult> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Result(result) => Some(result),
            _ => None,
        })
    }
}

fn turn(message: &Value) -> Turn {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match message["role"].as_str() {
        Some("user") => Turn::User(text(&message["content"])),
        Some("assistant") => {
            let calls = message["tool_calls"].as_array();
            if calls.is_none_or(Vec::is_empty) {
                return Turn::Said(text(&message["content"]));
            }
            let seen = calls.into_iter().flatten().map(|call| SeenToolCall {
                id: word(&call["id"]),
                tool: word(&call["function"]["name"]),
                arguments: word(&call["function"]["arguments"]),
            });
            Turn::Assistant(seen.collect())
        }
        Some("tool") => Turn::Result(SeenToolResult {
            id: word(&message["tool_call_id"]),
            content: text(&message["content"]),
        }),
        _ => Turn::Other,
    }
}

/// The text of a content, which is a string or a list of parts.
fn text(content: &Value) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let parts = content.as_array().into_iter().flatten();
    let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_is_read_in_order() {
        let request = ChatRequest::read(&json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "list", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c", "content": "r"},
            ],
        }));
        assert!(request.streamed && request.include_usage);
        assert_eq!(request.turns[1], Turn::User("a\nb".into()));
        assert_eq!(
            request.tool_calls().next().map(|call| call.tool.as_str()),
            Some("list")
        );
        assert_eq!(
            request
                .tool_results()
                .next()
                .map(|result| result.id.as_str()),
            Some("c")
        );
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let request = ChatRequest::read(&json!({"model": 3, "messages": [7, {"role": []}]}));
        assert_eq!(request.model, None);
        assert_eq!(request.turns, [Turn::Other, Turn::Other]);
    }
}

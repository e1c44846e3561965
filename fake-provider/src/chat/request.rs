//! What a chat request says, read leniently: even a request that breaks the rules has an address. [`super::rules`] is strict.

use journal::{SeenToolCall, SeenToolResult};

use crate::addressing::Turn;
use crate::json::Value;
use crate::protocol::Conversation;

/// What a request says.
pub(super) fn conversation(body: &Value) -> Conversation {
    let messages = body["messages"].as_array();
    Conversation {
        model: body["model"].as_str().map(str::to_owned),
        streamed: body["stream"].as_bool().unwrap_or(false),
        offers_tools: body["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty()),
        turns: messages.into_iter().flatten().map(turn).collect(),
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
            let seen = calls.into_iter().flatten().map(|call| {
                let (called, arguments) = match call["type"].as_str() {
                    Some("custom") => (&call["custom"], "input"),
                    _ => (&call["function"], "arguments"),
                };
                SeenToolCall {
                    id: word(&call["id"]),
                    tool: word(&called["name"]),
                    arguments: word(&called[arguments]),
                }
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
    use crate::json::json;

    use super::*;

    #[test]
    fn a_conversation_is_read_in_order() {
        let request = conversation(&json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "list", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c", "content": "r"},
            ],
        }));
        assert!(request.streamed);
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
    fn a_call_of_a_custom_tool_is_one() {
        let call = json!({"id": "c", "type": "custom", "custom": {"name": "shell", "input": "ls"}});
        let request =
            conversation(&json!({"messages": [{"role": "assistant", "tool_calls": [call]}]}));
        let seen: Vec<_> = request.tool_calls().collect();
        assert_eq!(
            (seen[0].tool.as_str(), seen[0].arguments.as_str()),
            ("shell", "ls")
        );
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let request = conversation(&json!({"model": 3, "messages": [7, {"role": []}]}));
        assert_eq!(request.model, None);
        assert_eq!(request.turns, [Turn::Other, Turn::Other]);
    }
}

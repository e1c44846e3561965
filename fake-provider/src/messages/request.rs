//! What a request says, read leniently: even one that breaks the rules has an address. [`super::rules`] is strict.
//!
//! One message can hold several turns: the results of several tool calls, and what the user says after them.

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
        turns: messages.into_iter().flatten().flat_map(turns).collect(),
    }
}

fn turns(message: &Value) -> Vec<Turn> {
    let content = &message["content"];
    match message["role"].as_str() {
        Some("user") => user(content),
        Some("assistant") => vec![assistant(content)],
        _ => vec![Turn::Other],
    }
}

fn user(content: &Value) -> Vec<Turn> {
    let results = blocks(content, "tool_result").map(|block| {
        Turn::Result(SeenToolResult {
            id: word(&block["tool_use_id"]),
            content: text(&block["content"]),
        })
    });
    let mut turns: Vec<Turn> = results.collect();
    let says = text(content);
    if turns.is_empty() || !says.is_empty() {
        turns.push(Turn::User(says));
    }
    turns
}

fn assistant(content: &Value) -> Turn {
    let calls = blocks(content, "tool_use").map(|block| SeenToolCall {
        id: word(&block["id"]),
        tool: word(&block["name"]),
        arguments: arguments(&block["input"]),
    });
    let calls: Vec<SeenToolCall> = calls.collect();
    match calls.is_empty() {
        true => Turn::Said(text(content)),
        false => Turn::Assistant(calls),
    }
}

/// As JSON text, since that is how they were sent.
fn arguments(input: &Value) -> String {
    match input {
        Value::Null => String::new(),
        Value::String(text) => text.clone().into_owned(),
        input => input.to_string(),
    }
}

/// The text of a content, which is a string or a list of blocks.
fn text(content: &Value) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let texts: Vec<&str> = blocks(content, "text")
        .filter_map(|block| block["text"].as_str())
        .collect();
    texts.join("\n")
}

fn blocks<'a>(content: &'a Value<'a>, kind: &'static str) -> impl Iterator<Item = &'a Value<'a>> {
    let blocks = content.as_array().into_iter().flatten();
    blocks.filter(move |block| block["type"] == kind)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    #[test]
    fn a_conversation_is_read_in_order() {
        let request = conversation(&json!({
            "model": "m", "stream": true, "tools": [{"name": "list", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "t", "signature": "s"},
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "c", "name": "list", "input": {"path": "src", "n": 1.5}},
                    {"type": "tool_use", "id": "d", "name": "list", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "c", "content": "r"},
                    {"type": "tool_result", "tool_use_id": "d", "content": [{"type": "text", "text": "q"}], "is_error": true},
                    {"type": "text", "text": "and?"},
                ]},
                {"role": "assistant", "content": "Two."},
            ],
        }));
        assert!(request.streamed && request.offers_tools);
        let result = |id: &str, content: &str| {
            Turn::Result(SeenToolResult {
                id: id.into(),
                content: content.into(),
            })
        };
        assert_eq!(request.turns[0], Turn::User("a\nb".into()));
        assert_eq!(
            request.turns[2..],
            [
                result("c", "r"),
                result("d", "q"),
                Turn::User("and?".into()),
                Turn::Said("Two.".into())
            ]
        );
        let arguments: Vec<&str> = request
            .tool_calls()
            .map(|call| call.arguments.as_str())
            .collect();
        assert_eq!(arguments, [r#"{"path":"src","n":1.5}"#, "{}"]);
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let request = conversation(
            &json!({"model": 3, "messages": [7, {"role": []}, {"role": "user", "content": 3}]}),
        );
        assert_eq!(request.model, None);
        assert_eq!(
            request.turns,
            [Turn::Other, Turn::Other, Turn::User(String::new())]
        );
    }
}

//! What a request says, read leniently: even a request that breaks the rules has an address. [`super::rules`] is strict.
//!
//! Members are read as their JSON names or as those of the API's description (`functionCall`, `function_call`): both are accepted.

use std::collections::{BTreeMap, VecDeque};

use journal::{SeenToolCall, SeenToolResult};

use super::route;
use crate::addressing::Turn;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::Conversation;

/// What a request says.
pub(super) fn conversation(request: &Request, body: &Value) -> Conversation {
    let route = route::route(request);
    let model = route.as_ref().and_then(|route| route.model.clone());
    let streamed = route.is_some_and(|route| route.method == route::Method::StreamGenerateContent);
    let declares = |tool: &Value| {
        let declared = member(tool, "functionDeclarations").as_array();
        declared.is_some_and(|declared| !declared.is_empty())
    };
    let mut turns = Vec::new();
    if member(body, "systemInstruction").is_object() {
        turns.push(Turn::Other);
    }
    let mut unidentified = Unidentified::default();
    for (place, content) in parts(&body["contents"]).enumerate() {
        turns.extend(read(content, place, &mut unidentified));
    }
    Conversation {
        model,
        streamed,
        offers_tools: parts(&body["tools"]).any(declares),
        turns,
    }
}

/// A member under its JSON name, or under the one of the API's description.
pub(super) fn member<'a>(value: &'a Value<'a>, name: &str) -> &'a Value<'a> {
    match &value[name] {
        Value::Null => &value[snake(name)],
        found => found,
    }
}

/// `functionCall` as `function_call`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

/// The items of a list; one value stands for a list of one, as it does in this API.
pub(super) fn parts<'a>(value: &'a Value<'a>) -> impl Iterator<Item = &'a Value<'a>> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    items.iter()
}

/// Calls without an id: some clients drop it. They get one of their place, which is nobody's, and results find it by name.
#[derive(Debug, Default)]
struct Unidentified {
    /// The ids of those that have no result, by name.
    calls: BTreeMap<String, VecDeque<String>>,
}

impl Unidentified {
    fn call(&mut self, tool: &str, place: (usize, usize)) -> String {
        let id = format!("{tool}-{}-{}", place.0, place.1);
        let calls = self.calls.entry(tool.to_owned()).or_default();
        calls.push_back(id.clone());
        id
    }

    /// The oldest call of this name that has no result.
    fn result(&mut self, tool: &str) -> String {
        let calls = self.calls.get_mut(tool);
        calls.and_then(VecDeque::pop_front).unwrap_or_default()
    }
}

fn read(content: &Value, place: usize, unidentified: &mut Unidentified) -> Vec<Turn> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut calls, mut results, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (index, part) in parts(&content["parts"]).enumerate() {
        let (call, result) = (
            member(part, "functionCall"),
            member(part, "functionResponse"),
        );
        if call.is_object() {
            let tool = word(&call["name"]);
            let id = match call["id"].as_str() {
                Some(id) if !id.is_empty() => id.to_owned(),
                _ => unidentified.call(&tool, (place, index)),
            };
            let arguments = match &call["args"] {
                Value::Null => "{}".to_owned(),
                arguments => arguments.to_string(),
            };
            calls.push(SeenToolCall {
                id,
                tool,
                arguments,
            });
        } else if result.is_object() {
            let id = match result["id"].as_str() {
                Some(id) if !id.is_empty() => id.to_owned(),
                _ => unidentified.result(result["name"].as_str().unwrap_or_default()),
            };
            let content = told(&result["response"]);
            results.push(Turn::Result(SeenToolResult { id, content }));
        } else if part["thought"] != true {
            texts.extend(part["text"].as_str());
        }
    }
    let text = texts.join("\n");
    match content["role"].as_str() {
        Some("model") if calls.is_empty() => vec![Turn::Said(texts.concat())],
        Some("model") => vec![Turn::Assistant(calls)],
        _ if !results.is_empty() => {
            if !text.is_empty() {
                results.push(Turn::User(text));
            }
            results
        }
        Some("user" | "") | None => vec![Turn::User(text)],
        Some(_) => vec![Turn::Other],
    }
}

/// What a tool answered: the one word of a response that has only one, and otherwise its JSON.
fn told(response: &Value) -> String {
    let only = response.as_object().filter(|members| members.len() == 1);
    let only = only.and_then(|members| members.values().next()?.as_str());
    only.map_or_else(|| response.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn read(body: &Value) -> Conversation {
        let request = Request {
            method: "POST".into(),
            path: "/v1beta/models/gemini-3-pro:streamGenerateContent".into(),
            ..Request::default()
        };
        conversation(&request, body)
    }

    #[test]
    fn a_conversation_is_read_in_order() {
        let conversation = read(&json!({
            "systemInstruction": {"parts": [{"text": "s"}]},
            "contents": [
                {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
                {"role": "model", "parts": [
                    {"text": "hm", "thought": true},
                    {"functionCall": {"id": "c", "name": "list", "args": {"path": "src"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"id": "c", "name": "list", "response": {"output": "r"}}}]},
                {"role": "model", "parts": [{"text": "so"}, {"text": " it is"}, {"text": "why", "thought": true}]},
            ],
            "tools": [{"function_declarations": [{"name": "list"}]}],
        }));
        assert!(conversation.streamed && conversation.offers_tools);
        assert_eq!(conversation.model.as_deref(), Some("gemini-3-pro"));
        let turns = conversation.turns.as_slice();
        assert_eq!(
            (&turns[0], &turns[1]),
            (&Turn::Other, &Turn::User("a\nb".into()))
        );
        let call = conversation.tool_calls().next().expect("has a call");
        assert_eq!(
            (call.id.as_str(), call.arguments.as_str()),
            ("c", r#"{"path":"src"}"#)
        );
        let result = conversation.tool_results().next().expect("has a result");
        assert_eq!((result.id.as_str(), result.content.as_str()), ("c", "r"));
        assert_eq!(turns[4], Turn::Said("so it is".into()));
    }

    #[test]
    fn calls_and_results_without_ids_find_each_other_by_name() {
        let call = |name: &str| json!({"functionCall": {"name": name, "args": {}}});
        let result = |name: &str| json!({"function_response": {"name": name, "response": {}}});
        let conversation = read(&json!({"contents": [
            {"role": "user", "parts": {"text": "a"}},
            {"role": "model", "parts": [call("list"), call("read"), call("list")]},
            {"role": "user", "parts": [result("read"), result("list"), result("list")]},
        ]}));
        let calls: Vec<&str> = conversation
            .tool_calls()
            .map(|call| call.id.as_str())
            .collect();
        let results: Vec<&str> = conversation
            .tool_results()
            .map(|one| one.id.as_str())
            .collect();
        assert_eq!(results, [calls[1], calls[0], calls[2]]);
        assert!(crate::tool_id::ToolId::parse(calls[0]).is_none());
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let conversation = read(&json!({"contents": [7, {"role": [], "parts": 3}], "tools": "x"}));
        assert_eq!(conversation.turns.len(), 2);
        assert!(!conversation.offers_tools);
        assert!(read(&json!([])).turns.is_empty());
    }
}

//! The request body of Gemini. Calls and results are matched by the provider's id, or by order and name where it gave none.

use serde_json::{Map, Value, json};

use crate::config::Dialect;
use crate::message::{Keepsake, Message, ToolCall};
use crate::provider::fields::{arguments_object, text};
use crate::provider::own_id;
use crate::provider::question::Question;
use crate::tools::ToolDefinition;

/// The body that asks this question.
pub(super) fn render(question: &Question) -> Value {
    let mut body = json!({ "contents": contents(question) });
    let instructions = question.instructions();
    if !instructions.is_empty() {
        body["systemInstruction"] = json!({ "parts": [{ "text": instructions }] });
    }
    if let Some(limit) = question.max_tokens {
        body["generationConfig"] = json!({ "maxOutputTokens": limit });
    }
    if !question.tools.is_empty() {
        let tools: Vec<Value> = question.tools.iter().map(tool).collect();
        body["tools"] = json!([{ "functionDeclarations": tools }]);
    }
    body
}

/// Results of one round stand together: the API counts them against the calls of the content before.
fn contents(question: &Question) -> Vec<Value> {
    let mut contents: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut results_last = false;
    for message in &question.messages {
        let is_result = matches!(message, Message::Tool { .. });
        let parts = parts(message, question);
        match contents.last_mut() {
            Some((_, together)) if is_result && results_last => together.extend(parts),
            _ if parts.is_empty() => continue,
            _ => contents.push((role(message), parts)),
        }
        results_last = is_result;
    }
    let written = contents
        .into_iter()
        .map(|(role, parts)| json!({ "role": role, "parts": parts }));
    written.collect()
}

const fn role(message: &Message) -> &'static str {
    match message {
        Message::Assistant { .. } => "model",
        Message::System { .. } | Message::User { .. } | Message::Tool { .. } => "user",
    }
}

fn parts(message: &Message, question: &Question) -> Vec<Value> {
    match message {
        Message::System { .. } => Vec::new(),
        Message::User { content } => said(content),
        Message::Tool { call_id, content } => {
            let mut response = Map::new();
            if let Some(id) = own_id::foreign(call_id) {
                response.insert("id".to_owned(), Value::from(id));
            }
            response.insert("name".to_owned(), Value::from(question.tool_of(call_id)));
            response.insert("response".to_owned(), json!({ "result": content }));
            vec![json!({ "functionResponse": response })]
        }
        Message::Assistant {
            content,
            tool_calls,
            keepsake,
        } => {
            let calls = tool_calls
                .iter()
                .map(|call| called(call, keepsake.as_ref()));
            said(content).into_iter().chain(calls).collect()
        }
    }
}

fn said(content: &str) -> Vec<Value> {
    if content.is_empty() {
        Vec::new()
    } else {
        vec![json!({ "text": content })]
    }
}

/// A call, with the signature that the provider put on it: newer models refuse a round of tools without.
fn called(call: &ToolCall, keepsake: Option<&Keepsake>) -> Value {
    let mut written = Map::new();
    if let Some(id) = own_id::foreign(&call.id) {
        written.insert("id".to_owned(), Value::from(id));
    }
    written.insert("name".to_owned(), Value::from(call.name.as_str()));
    written.insert("args".to_owned(), arguments_object(&call.arguments));
    let mut part = json!({ "functionCall": written });
    let ours = keepsake.filter(|keepsake| keepsake.dialect == Dialect::Gemini);
    let mut signatures = ours.iter().flat_map(|keepsake| &keepsake.blocks);
    if let Some(signed) = signatures.find(|block| text(block, "call") == call.id) {
        part["thoughtSignature"] = signed["thoughtSignature"].clone();
    }
    part
}

/// The API takes a subset of JSON Schema, in which nothing says what other properties there may be.
fn tool(tool: &ToolDefinition) -> Value {
    let mut parameters = tool.parameters.clone();
    if let Some(schema) = parameters.as_object_mut() {
        schema.shift_remove("additionalProperties");
    }
    json!({ "name": tool.name, "description": tool.description, "parameters": parameters })
}

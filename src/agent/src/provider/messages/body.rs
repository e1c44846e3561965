//! The request body of Anthropic Messages: instructions apart, roles that alternate, results in the message after their calls.

use serde_json::{Value, json};

use crate::config::Dialect;
use crate::message::Message;
use crate::provider::fields::arguments_object;
use crate::provider::question::Question;
use crate::tools::ToolDefinition;

/// The limit of an answer where none is configured: the API demands one.
const MAX_TOKENS: u32 = 8192;

/// The body that asks `model` this question.
pub(super) fn render(question: &Question, model: &str) -> Value {
    let limit = question.max_tokens.unwrap_or(MAX_TOKENS);
    let messages = messages(&question.messages);
    let mut body = json!({ "model": model, "max_tokens": limit, "messages": messages, "stream": question.streaming });
    let instructions = question.instructions();
    if !instructions.is_empty() {
        body["system"] = Value::from(instructions);
    }
    if !question.tools.is_empty() {
        body["tools"] = question.tools.iter().map(tool).collect();
    }
    body
}

/// Messages of the same role in a row become one, so that results stand together in the message that follows their calls.
fn messages(messages: &[Message]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for (role, blocks) in messages.iter().filter_map(blocks) {
        match turns.last_mut() {
            Some((last, together)) if *last == role => together.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    let written = turns
        .into_iter()
        .map(|(role, blocks)| json!({ "role": role, "content": blocks }));
    written.collect()
}

fn blocks(message: &Message) -> Option<(&'static str, Vec<Value>)> {
    match message {
        Message::System { .. } => None,
        Message::User { content } => Some(("user", text(content))),
        Message::Tool { call_id, content } => Some((
            "user",
            vec![json!({ "type": "tool_result", "tool_use_id": id(call_id), "content": content })],
        )),
        Message::Assistant {
            content,
            tool_calls,
            keepsake,
        } => {
            // Thinking goes first and unchanged, or the API refuses the round of tools.
            let ours = keepsake
                .iter()
                .filter(|keepsake| keepsake.dialect == Dialect::AnthropicMessages);
            let mut blocks: Vec<Value> =
                ours.flat_map(|keepsake| keepsake.blocks.clone()).collect();
            blocks.extend(text(content));
            blocks.extend(tool_calls.iter().map(|call| {
                let input = arguments_object(&call.arguments);
                json!({ "type": "tool_use", "id": id(&call.id), "name": call.name, "input": input })
            }));
            Some(("assistant", blocks))
        }
    }
}

/// A text block; the API refuses one that says nothing.
fn text(content: &str) -> Vec<Value> {
    if content.trim().is_empty() {
        Vec::new()
    } else {
        vec![json!({ "type": "text", "text": content })]
    }
}

/// An id as the API takes it (`^[a-zA-Z0-9_-]+$`): another provider may have given it.
fn id(id: &str) -> String {
    let fit = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    id.chars()
        .map(|character| if fit(character) { character } else { '_' })
        .collect()
}

fn tool(tool: &ToolDefinition) -> Value {
    json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
}

//! The request body of OpenAI Responses: a flat list of items. Neither sends nor reads anything.

use serde_json::{Value, json};

use crate::config::Dialect;
use crate::message::Message;
use crate::provider::question::Question;
use crate::tools::ToolDefinition;

/// The body that asks `model` this question.
pub(super) fn render(question: &Question, model: &str) -> Value {
    let input: Vec<Value> = question.messages.iter().flat_map(items).collect();
    let mut body =
        json!({ "model": model, "input": input, "stream": question.streaming, "store": false });
    let instructions = question.instructions();
    if !instructions.is_empty() {
        body["instructions"] = Value::from(instructions);
    }
    if let Some(limit) = question.max_tokens {
        body["max_output_tokens"] = Value::from(limit);
    }
    if !question.tools.is_empty() {
        body["tools"] = question.tools.iter().map(tool).collect();
    }
    body
}

/// Reasoning goes before what came of it, as the provider sent it; whoever stores nothing knows it by its encrypted content.
fn items(message: &Message) -> Vec<Value> {
    match message {
        Message::System { .. } => Vec::new(),
        Message::User { content } => vec![said("user", content)],
        Message::Tool { call_id, content } => {
            vec![json!({ "type": "function_call_output", "call_id": call_id, "output": content })]
        }
        Message::Assistant {
            content,
            tool_calls,
            keepsake,
        } => {
            let ours = keepsake
                .iter()
                .filter(|keepsake| keepsake.dialect == Dialect::OpenaiResponses);
            let mut items: Vec<Value> = ours.flat_map(|keepsake| keepsake.blocks.clone()).collect();
            if !content.is_empty() {
                items.push(said("assistant", content));
            }
            items.extend(tool_calls.iter().map(|call| {
                json!({ "type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments })
            }));
            items
        }
    }
}

fn said(role: &str, content: &str) -> Value {
    json!({ "type": "message", "role": role, "content": content })
}

fn tool(tool: &ToolDefinition) -> Value {
    json!({ "type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters })
}

//! The request body of `/api/chat`. Results are matched by order and name; the provider's id is added where it gave one.

use serde_json::{Value, json};

use crate::message::{Message, ToolCall};
use crate::provider::fields::arguments_object;
use crate::provider::own_id;
use crate::provider::question::Question;
use crate::tools::ToolDefinition;

/// The body that asks `model` this question. Streaming is what the server does unless it is told not to.
pub(super) fn render(question: &Question, model: &str) -> Value {
    let messages = question.messages.iter().map(|one| message(one, question));
    let messages: Vec<Value> = messages.collect();
    let mut body = json!({ "model": model, "messages": messages, "stream": question.streaming });
    if let Some(limit) = question.max_tokens {
        body["options"] = json!({ "num_predict": limit });
    }
    if !question.tools.is_empty() {
        body["tools"] = question.tools.iter().map(tool).collect();
    }
    body
}

fn message(message: &Message, question: &Question) -> Value {
    match message {
        Message::System { content } => json!({ "role": "system", "content": content }),
        Message::User { content } => json!({ "role": "user", "content": content }),
        Message::Assistant {
            content,
            tool_calls,
            ..
        } => {
            let mut written = json!({ "role": "assistant", "content": content });
            if !tool_calls.is_empty() {
                written["tool_calls"] = tool_calls.iter().map(call).collect();
            }
            written
        }
        Message::Tool { call_id, content } => {
            let tool = question.tool_of(call_id);
            let mut written = json!({ "role": "tool", "content": content, "tool_name": tool });
            if let Some(id) = own_id::foreign(call_id) {
                written["tool_call_id"] = Value::from(id);
            }
            written
        }
    }
}

fn call(call: &ToolCall) -> Value {
    let arguments = arguments_object(&call.arguments);
    let function = json!({ "name": call.name, "arguments": arguments });
    match own_id::foreign(&call.id) {
        Some(id) => json!({ "id": id, "function": function }),
        None => json!({ "function": function }),
    }
}

fn tool(tool: &ToolDefinition) -> Value {
    let function = json!({ "name": tool.name, "description": tool.description, "parameters": tool.parameters });
    json!({ "type": "function", "function": function })
}

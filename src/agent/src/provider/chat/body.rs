//! The request body of OpenAI Chat Completions. Knows messages and tools; neither sends nor reads anything.

use serde_json::{Value, json};

use crate::message::{Message, ToolCall};
use crate::provider::question::Question;
use crate::tools::ToolDefinition;

/// The body that asks `model` this question.
#[must_use]
pub(super) fn render(question: &Question, model: &str) -> Value {
    let messages: Vec<Value> = question.messages.iter().map(message).collect();
    let mut body = json!({ "model": model, "messages": messages, "stream": question.streaming });
    if question.streaming {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some(limit) = question.max_tokens {
        body["max_completion_tokens"] = Value::from(limit);
    }
    if !question.tools.is_empty() {
        body["tools"] = question.tools.iter().map(tool).collect();
    }
    body
}

fn message(message: &Message) -> Value {
    match message {
        Message::System { content } => json!({ "role": "system", "content": content }),
        Message::User { content } => json!({ "role": "user", "content": content }),
        Message::Assistant {
            content,
            tool_calls,
            ..
        } if tool_calls.is_empty() => {
            json!({ "role": "assistant", "content": content })
        }
        Message::Assistant {
            content,
            tool_calls,
            ..
        } => {
            let content = if content.is_empty() {
                Value::Null
            } else {
                Value::from(content.as_str())
            };
            let calls: Vec<Value> = tool_calls.iter().map(call).collect();
            json!({ "role": "assistant", "content": content, "tool_calls": calls })
        }
        Message::Tool { call_id, content } => {
            json!({ "role": "tool", "tool_call_id": call_id, "content": content })
        }
    }
}

fn call(call: &ToolCall) -> Value {
    let function = json!({ "name": call.name, "arguments": call.arguments });
    json!({ "id": call.id, "type": "function", "function": function })
}

fn tool(tool: &ToolDefinition) -> Value {
    let function = json!({ "name": tool.name, "description": tool.description, "parameters": tool.parameters });
    json!({ "type": "function", "function": function })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_the_documented_shape() {
        let call = ToolCall {
            id: "c1".to_owned(),
            name: "list".to_owned(),
            arguments: "{}".to_owned(),
        };
        let question = Question {
            messages: vec![
                Message::System {
                    content: "s".to_owned(),
                },
                Message::user("u"),
                Message::Assistant {
                    content: String::new(),
                    tool_calls: vec![call],
                    keepsake: None,
                },
                Message::Tool {
                    call_id: "c1".to_owned(),
                    content: "r".to_owned(),
                },
            ],
            tools: crate::tools::definitions(),
            streaming: true,
            max_tokens: Some(100),
        };
        let body = render(&question, "m");
        assert_eq!(body["model"], "m");
        assert_eq!(body["stream_options"], json!({"include_usage": true}));
        assert_eq!(body["max_completion_tokens"], 100);
        let roles: Vec<&str> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|m| m["role"].as_str())
            .collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool"]);
        assert_eq!(body["messages"][2]["content"], Value::Null);
        assert_eq!(
            body["messages"][2]["tool_calls"][0]["function"]["arguments"],
            "{}"
        );
        assert_eq!(body["messages"][3]["tool_call_id"], "c1");
        let parameters = &body["tools"][0]["function"]["parameters"];
        assert_eq!(parameters["type"], "object");
    }

    #[test]
    fn a_question_that_is_not_streamed_has_no_stream_options() {
        let question = Question {
            messages: vec![Message::user("u")],
            tools: Vec::new(),
            streaming: false,
            max_tokens: None,
        };
        let body = render(&question, "m");
        assert_eq!(body["stream"], false);
        assert!(body.get("stream_options").is_none() && body.get("tools").is_none());
    }
}

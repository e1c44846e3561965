//! vLLM, and the servers that are built like it: few members in a chunk, errors that are no member `error` but the whole object, and
//! FastAPI's `detail` for what FastAPI itself refuses.
//!
//! Shapes: `recorded/vllm`, and `vllm/entrypoints/openai/protocol.py`.

use serde_json::{Value, json};

use crate::body::Body;
use crate::chat::reply::{Accent, Delta, Setting, calls_on_a_line, finish_name};
use crate::openai::errors::ErrorBody;
use crate::protocol::{Intended, Problem};

/// vLLM.
pub(in crate::chat) struct Vllm<'a>(pub(in crate::chat) &'a Setting<'a>);

impl Accent for Vllm<'_> {
    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        body.event(|body| {
            self.open(body, "chat.completion.chunk");
            body.put(format_args!("[{{\"index\":{choice},\"delta\":{{"));
            self.write(body, choice, delta);
            match delta {
                Delta::Finish(finish) => body.put(format_args!(
                    "}},\"logprobs\":null,\"finish_reason\":\"{}\",\"stop_reason\":null}}]}}",
                    finish_name(finish)
                )),
                _ => body.raw("},\"logprobs\":null,\"finish_reason\":null}]}"),
            }
        });
    }

    fn usage(&self, body: &mut Body) {
        let usage = self.tokens();
        body.event(|body| {
            self.open(body, "chat.completion.chunk");
            body.put(format_args!("[],\"usage\":{usage}}}"));
        });
    }

    fn whole(&self, body: &mut Body) {
        self.open(body, "chat.completion");
        for choice in 0..self.0.choices {
            body.raw(if choice == 0 { "[" } else { "," });
            body.put(format_args!(
                "{{\"index\":{choice},\"message\":{{\"role\":\"assistant\",\"reasoning_content\":"
            ));
            match &self.0.rendering.reply.reasoning {
                Some(reasoning) => self.0.reasoning(body, choice, reasoning),
                None => body.raw("null"),
            }
            body.raw(",\"content\":");
            self.0.content(body, choice);
            body.raw(",\"refusal\":");
            self.0.refusal(body);
            match choice {
                0 if !self.0.rendering.calls.is_empty() => {
                    calls_on_a_line(body, self.0, |body, call, _| tool_call(body, call, None));
                }
                _ => body.raw(",\"tool_calls\":[]"),
            }
            body.raw("},\"logprobs\":null,");
            if choice == 0 {
                body.mark_finish();
            }
            let finish = finish_name(self.0.finish(choice));
            body.put(format_args!(
                "\"finish_reason\":\"{finish}\",\"stop_reason\":null}}"
            ));
        }
        let usage = self.tokens();
        body.put(format_args!(
            "],\"usage\":{usage},\"prompt_logprobs\":null}}"
        ));
    }
}

impl Vllm<'_> {
    fn open(&self, body: &mut Body, object: &str) {
        let (id, created, model) = (self.0.id(29), self.0.created, &self.0.model);
        body.put(format_args!(
            "{{\"id\":\"chatcmpl-{id}\",\"object\":\"{object}\",\"created\":{created},\"model\":{model},\"choices\":"
        ));
    }

    fn write(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        match delta {
            Delta::Role(_) => body.raw("\"role\":\"assistant\",\"content\":\"\""),
            Delta::Reasoning(piece) => {
                body.raw("\"reasoning_content\":");
                self.0.reasoning(body, choice, piece);
            }
            Delta::Text(piece) => {
                body.raw("\"content\":");
                self.0.text(body, choice, piece);
            }
            // There is no place for a refusal.
            Delta::Refusal(piece) => {
                body.raw("\"content\":");
                body.string(piece);
            }
            Delta::Call(call, index, _) => {
                body.raw("\"tool_calls\":[");
                tool_call(body, call, Some(index));
                body.raw("]");
            }
            Delta::Arguments(piece, index) => {
                body.put(format_args!(
                    "\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]");
            }
            Delta::Finish(_) => body.raw("\"content\":\"\""),
        }
    }

    fn tokens(&self) -> Value {
        let usage = self.0.rendering.reply.usage();
        json!({
            "prompt_tokens": usage.input,
            "total_tokens": usage.input + usage.output,
            "completion_tokens": usage.output,
            "prompt_tokens_details": null,
        })
    }
}

/// A call that begins in a stream, or a whole one.
fn tool_call(body: &mut Body, call: &Intended, index: Option<u32>) {
    body.raw("{\"id\":");
    body.string(&call.id);
    body.raw(",\"type\":\"function\"");
    if let Some(index) = index {
        body.put(format_args!(",\"index\":{index}"));
    }
    body.raw(",\"function\":{\"name\":");
    body.string(&call.tool);
    body.raw(",\"arguments\":");
    match index {
        Some(_) => body.raw("\"\""),
        None => body.arguments(&call.arguments),
    }
    body.raw("}}");
}

/// An error: the whole object, or what FastAPI says before vLLM sees the request.
pub(super) fn error(error: &mut ErrorBody, problem: &Problem<'_>) -> Value {
    let unread = matches!(problem, Problem::Violation(_) | Problem::NotJson);
    if unread || error.status == 422 {
        error.status = 422;
        let place = place(error.param.as_deref().unwrap_or_default());
        return json!({"detail": [{"loc": place, "msg": error.message, "type": "value_error"}]});
    }
    let kind = match error.status {
        400 => "BadRequestError",
        401 => return json!({"error": "Unauthorized", "detail": error.message}),
        404 => "NotFoundError",
        _ => "InternalServerError",
    };
    json!({"object": "error", "message": error.message, "type": kind, "param": null, "code": error.status})
}

/// `messages[0].content` as FastAPI tells it: `["body", "messages", 0, "content"]`.
fn place(param: &str) -> Vec<Value> {
    let parts = param.split(['.', '[', ']']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| match part.parse::<u64>() {
        Ok(index) => json!(index),
        Err(_) => json!(part),
    });
    std::iter::once(json!("body")).chain(parts).collect()
}

/// What is said with a status.
pub(super) fn usual(status: u16, model: &str) -> Option<String> {
    Some(match status {
        400 => "This model's maximum context length is 16384 tokens. However, you requested 19591 tokens (9591 in the messages, \
                10000 in the completion). Please reduce the length of the messages or completion."
            .to_owned(),
        401 => "Unauthorized".to_owned(),
        404 => format!("The model `{model}` does not exist."),
        _ if status >= 500 => "Internal server error".to_owned(),
        _ => return None,
    })
}

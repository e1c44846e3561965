//! DeepSeek: `reasoning_content` beside a content that is null, the usage in the last chunk, and its own words for a wrong key and an
//! empty account.
//!
//! Shapes and headers: `recorded/deepseek`.

use serde_json::{Value, json};

use crate::body::Body;
use crate::chat::reply::{Accent, Delta, Setting, calls_on_a_line, finish_name};
use crate::draw::Draw;
use crate::openai::errors::ErrorBody;
use crate::protocol::{Intended, Problem};

/// DeepSeek.
pub(in crate::chat) struct DeepSeek<'a>(pub(in crate::chat) &'a Setting<'a>);

impl Accent for DeepSeek<'_> {
    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        let finish = match delta {
            Delta::Finish(finish) => format!("\"{}\"", finish_name(finish)),
            _ => "null".into(),
        };
        let usage = match delta {
            Delta::Finish(_) if self.0.include_usage => self.tokens(),
            _ => Value::Null,
        };
        body.event(|body| {
            self.open(body, "chat.completion.chunk");
            body.put(format_args!(
                ",\"system_fingerprint\":\"fp_{}_prod\",\"choices\":[{{\"index\":{choice},\"delta\":",
                self.0.fingerprint()
            ));
            self.write(body, choice, delta);
            body.put(format_args!(",\"logprobs\":null,\"finish_reason\":{finish}}}]"));
            if self.0.include_usage {
                body.put(format_args!(",\"usage\":{usage}"));
            }
            body.raw("}");
        });
    }

    /// It came with the finish reason.
    fn usage(&self, _: &mut Body) {}

    fn whole(&self, body: &mut Body) {
        self.open(body, "chat.completion");
        body.raw(",\"choices\":[");
        for choice in 0..self.0.choices {
            body.raw(if choice == 0 { "" } else { "," });
            self.whole_choice(body, choice);
        }
        let (usage, fingerprint) = (self.tokens(), self.0.fingerprint());
        body.put(format_args!(
            "],\"usage\":{usage},\"system_fingerprint\":\"fp_{fingerprint}_prod\"}}"
        ));
    }
}

impl DeepSeek<'_> {
    fn whole_choice(&self, body: &mut Body, choice: u64) {
        body.put(format_args!(
            "{{\"index\":{choice},\"message\":{{\"role\":\"assistant\",\"content\":"
        ));
        let reply = self.0.rendering.reply;
        // There is no place for a refusal.
        let spoken = reply.text.as_deref().or(reply.refusal.as_deref());
        self.0.text(body, choice, spoken.unwrap_or_default());
        if let Some(reasoning) = &reply.reasoning {
            body.raw(",\"reasoning_content\":");
            self.0.reasoning(body, choice, reasoning);
        }
        if choice == 0 {
            calls_on_a_line(body, self.0, |body, call, index| {
                tool_call(body, call, index, true);
            });
        }
        body.raw("},\"logprobs\":null,");
        if choice == 0 {
            body.mark_finish();
        }
        let finish = finish_name(self.0.finish(choice));
        body.put(format_args!("\"finish_reason\":\"{finish}\"}}"));
    }

    fn open(&self, body: &mut Body, object: &str) {
        let id = self.0.rendering.asking.draw.hex("completion", 32);
        let (created, model) = (self.0.created, &self.0.model);
        body.put(format_args!(
            "{{\"id\":\"{}-{}-{}-{}-{}\",\"object\":\"{object}\",\"created\":{created},\"model\":{model}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..],
        ));
    }

    fn write(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        // A model that does not think has no such member at all.
        let thinks = self.0.rendering.reply.reasoning.is_some();
        let beside = if thinks {
            ",\"reasoning_content\":null"
        } else {
            ""
        };
        match delta {
            Delta::Role(_) if thinks => {
                body.raw("{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"}");
            }
            Delta::Role(_) => body.raw("{\"role\":\"assistant\",\"content\":\"\"}"),
            Delta::Reasoning(piece) => {
                body.raw("{\"content\":null,\"reasoning_content\":");
                self.0.reasoning(body, choice, piece);
                body.raw("}");
            }
            Delta::Text(piece) => {
                body.raw("{\"content\":");
                self.0.text(body, choice, piece);
                body.put(format_args!("{beside}}}"));
            }
            // There is no place for a refusal.
            Delta::Refusal(piece) => {
                body.raw("{\"content\":");
                body.string(piece);
                body.put(format_args!("{beside}}}"));
            }
            Delta::Call(call, index, _) => {
                body.raw("{\"tool_calls\":[");
                tool_call(body, call, index, false);
                body.raw("]}");
            }
            Delta::Arguments(piece, index) => {
                body.put(format_args!(
                    "{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]}");
            }
            Delta::Finish(_) => body.put(format_args!("{{\"content\":\"\"{beside}}}")),
        }
    }

    fn tokens(&self) -> Value {
        let usage = self.0.rendering.reply.usage();
        let mut tokens = json!({
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
        });
        if self.0.rendering.reply.reasoning.is_some() {
            tokens["completion_tokens_details"] = json!({"reasoning_tokens": usage.reasoning});
        }
        tokens["prompt_cache_hit_tokens"] = json!(usage.cached);
        tokens["prompt_cache_miss_tokens"] = json!(usage.input.saturating_sub(usage.cached));
        tokens
    }
}

fn tool_call(body: &mut Body, call: &Intended, index: u32, whole: bool) {
    body.put(format_args!("{{\"index\":{index},\"id\":"));
    body.string(&call.id);
    body.raw(",\"type\":\"function\",\"function\":{\"name\":");
    body.string(&call.tool);
    body.raw(",\"arguments\":");
    match whole {
        true => body.arguments(&call.arguments),
        false => body.raw("\"\""),
    }
    body.raw("}}");
}

/// Headers beside the content type.
pub(super) fn headers(draw: Draw) -> String {
    format!(
        "vary: origin, access-control-request-method, access-control-request-headers\r\n\
         access-control-allow-credentials: true\r\n\
         x-ds-trace-id: {}\r\n\
         server: cloudflare\r\n",
        draw.hex("request", 32)
    )
}

/// An error: OpenAI's object, with a code that is nearly always the same.
pub(super) fn error(error: &ErrorBody, problem: &Problem<'_>) -> Value {
    let kind = match error.status {
        401 => "authentication_error",
        402 => "unknown_error",
        _ => error.kind.as_str(),
    };
    let code = match problem {
        Problem::Scripted(answer) => answer.code.as_deref(),
        _ => error.code.as_deref(),
    };
    let code = code.unwrap_or("invalid_request_error");
    json!({"error": {"message": error.message, "type": kind, "param": error.param, "code": code}})
}

/// What is said with a status.
pub(super) fn usual(status: u16, key: Option<&str>) -> Option<String> {
    let usual = match (status, key) {
        (401, Some(key)) => {
            return Some(format!(
                "Authentication Fails, Your api key: ****{} is invalid",
                told_of(key)
            ));
        }
        (401, None) => "Authentication Fails (auth header format should be Bearer sk-...)",
        (402, _) => "Insufficient Balance",
        (404, _) => "Model Not Exist",
        _ => return None,
    };
    Some(usual.to_owned())
}

/// The end of a key; nothing of one that is so short that its end is most of it.
fn told_of(key: &str) -> &str {
    let (end, rest) = (key.char_indices().rev().nth(3), key.chars().nth(11));
    end.filter(|_| rest.is_some())
        .map_or("", |(at, _)| &key[at..])
}

//! OpenRouter: comments while the model is waited for, the provider behind it in every chunk, `reasoning`, the finish reason twice,
//! and numbers as error codes.
//!
//! Shapes and headers: `recorded/openrouter`; the chunk that tells an error also `litellm` and OpenRouter's own documentation
//! ("Streaming", "Error handling during streaming").

use provider_script::Finish;
use serde_json::{Value, json};

use crate::body::Body;
use crate::chat::reply::{Accent, Delta, Setting, calls_on_a_line, finish_name};
use crate::draw::Draw;
use crate::openai::errors::ErrorBody;
use crate::protocol::{Asking, Intended};

/// OpenRouter.
pub(in crate::chat) struct OpenRouter<'a>(pub(in crate::chat) &'a Setting<'a>);

/// What is said while the model is waited for.
pub(in crate::chat) const PROCESSING: &str = ": OPENROUTER PROCESSING\n\n";

/// How many comments there are before the first chunk.
const COMMENTS: usize = 3;

impl Accent for OpenRouter<'_> {
    /// Comments are no events of the dialect.
    fn opening(&self, body: &mut Body) {
        for _ in 0..COMMENTS {
            body.frame(false, |body| body.raw(PROCESSING));
        }
    }

    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        body.event(|body| {
            self.open(body);
            body.put(format_args!(
                "[{{\"index\":{choice},\"delta\":{{\"role\":\"assistant\",\"content\":"
            ));
            self.write(body, choice, delta);
            match delta {
                Delta::Finish(finish) => body.raw(&ending(finish)),
                _ => body.raw(
                    "},\"finish_reason\":null,\"native_finish_reason\":null,\"logprobs\":null}]}",
                ),
            }
        });
    }

    fn usage(&self, body: &mut Body) {
        let usage = self.tokens();
        body.event(|body| {
            self.open(body);
            body.put(format_args!(
                "[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"\"}},\"finish_reason\":null,\
                 \"native_finish_reason\":null,\"logprobs\":null}}],\"usage\":{usage}}}"
            ));
        });
    }

    fn whole(&self, body: &mut Body) {
        let (id, created, model) = (self.id(), self.0.created, &self.0.model);
        body.put(format_args!(
            "{{\"id\":\"{id}\",\"provider\":\"Brownout\",\"model\":{model},\"object\":\"chat.completion\",\"created\":{created},\
             \"choices\":["
        ));
        for choice in 0..self.0.choices {
            self.whole_choice(body, choice);
        }
        let usage = self.tokens();
        body.put(format_args!("],\"usage\":{usage}}}"));
    }

    fn content_types(&self) -> (&'static str, &'static str) {
        ("text/event-stream", "application/json")
    }
}

/// An error inside a stream: a chunk with an error beside its choices.
pub(in crate::chat) fn error_chunk(setting: &Setting<'_>, told: &Value) -> String {
    let mut chunk = Body::default();
    OpenRouter(setting).open_with(&mut chunk, Some(&told["error"]));
    chunk.raw(
        "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"error\",\
         \"native_finish_reason\":\"error\",\"logprobs\":null}]}",
    );
    String::from_utf8_lossy(&chunk.into_response().body).into_owned()
}

impl OpenRouter<'_> {
    fn id(&self) -> String {
        format!("gen-{}-{}", self.0.created, self.0.id(20))
    }

    fn open(&self, body: &mut Body) {
        self.open_with(body, None);
    }

    fn open_with(&self, body: &mut Body, error: Option<&Value>) {
        let (id, created, model) = (self.id(), self.0.created, &self.0.model);
        body.put(format_args!("{{\"id\":\"{id}\",\"provider\":\"Brownout\","));
        if let Some(error) = error {
            body.put(format_args!("\"error\":{error},"));
        }
        body.put(format_args!(
            "\"model\":{model},\"object\":\"chat.completion.chunk\",\"created\":{created},\"choices\":"
        ));
    }

    /// The content, and what stands behind it.
    fn write(&self, body: &mut Body, choice: u64, delta: Delta<'_>) {
        match delta {
            Delta::Text(piece) => self.0.text(body, choice, piece),
            Delta::Refusal(piece) => {
                body.raw("\"\",\"refusal\":");
                body.string(piece);
            }
            Delta::Reasoning(piece) => {
                body.raw("\"\",\"reasoning\":");
                self.0.reasoning(body, choice, piece);
                let text = json!(piece);
                body.put(format_args!(
                    ",\"reasoning_details\":[{{\"type\":\"reasoning.text\",\"text\":{text},\"index\":0,\"format\":null}}]"
                ));
            }
            Delta::Call(call, index, _) => {
                body.raw("null,\"tool_calls\":[");
                tool_call(body, call, index, false);
                body.raw("]");
            }
            Delta::Arguments(piece, index) => {
                body.put(format_args!(
                    "null,\"tool_calls\":[{{\"index\":{index},\"type\":\"function\",\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]");
            }
            Delta::Finish(_) if self.0.rendering.reply.reasoning.is_some() => {
                body.raw("\"\",\"reasoning\":null,\"reasoning_details\":[]");
            }
            Delta::Role(_) | Delta::Finish(_) => body.raw("\"\""),
        }
    }

    fn whole_choice(&self, body: &mut Body, choice: u64) {
        let finish = finish_name(self.0.finish(choice));
        body.raw(if choice == 0 {
            "{\"logprobs\":null,"
        } else {
            ",{\"logprobs\":null,"
        });
        if choice == 0 {
            body.mark_finish();
        }
        body.put(format_args!(
            "\"finish_reason\":\"{finish}\",\"native_finish_reason\":\"{finish}\",\"index\":{choice},\
             \"message\":{{\"role\":\"assistant\",\"content\":"
        ));
        self.0.content(body, choice);
        body.raw(",\"refusal\":");
        self.0.refusal(body);
        body.raw(",\"reasoning\":");
        match &self.0.rendering.reply.reasoning {
            Some(reasoning) => self.0.reasoning(body, choice, reasoning),
            None => body.raw("null"),
        }
        if choice == 0 {
            calls_on_a_line(body, self.0, |body, call, index| {
                tool_call(body, call, index, true);
            });
        }
        body.raw("}}");
    }

    fn tokens(&self) -> Value {
        let usage = self.0.rendering.reply.usage();
        json!({
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "cost": 0, "is_byok": false,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "cost_details": {"upstream_inference_cost": null, "upstream_inference_prompt_cost": 0,
                "upstream_inference_completions_cost": 0},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "image_tokens": 0},
        })
    }
}

fn ending(finish: Finish) -> String {
    let finish = finish_name(finish);
    format!(
        "}},\"finish_reason\":\"{finish}\",\"native_finish_reason\":\"{finish}\",\"logprobs\":null}}]}}"
    )
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
        "access-control-allow-origin: *\r\n\
         referrer-policy: no-referrer, strict-origin-when-cross-origin\r\n\
         server: cloudflare\r\n\
         x-generation-id: gen-{}\r\n",
        draw.hex("request", 20)
    )
}

/// An error: its code is the status, as a number, and beside it stands who asked.
pub(super) fn error(error: &ErrorBody, asking: &Asking<'_>) -> Value {
    let user = asking.draw.hex("user", 27);
    json!({"error": {"message": error.message, "code": error.status}, "user_id": format!("user_{user}")})
}

/// What is said with a status.
pub(super) fn usual(status: u16, model: &str) -> Option<String> {
    let usual = match status {
        401 => "User not found.",
        402 => "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
        404 => return Some(format!("No endpoints found for {model}.")),
        408 => "Request timed out",
        429 => "Rate limit exceeded: free-models-per-min. ",
        502 | 503 => "Provider returned error",
        _ => return None,
    };
    Some(usual.to_owned())
}

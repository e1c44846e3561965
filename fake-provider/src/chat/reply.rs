//! A reply as the bytes of this dialect, streamed or whole, with marks where the points of a fault lie.
//!
//! The shapes are those of captured answers (`recorded/openai-chat`): the same id and time in every chunk, no `event:` lines,
//! a usage chunk only where it is asked for, and `[DONE]` at the end; a whole answer laid out over lines.

use fault_io::{Framing, Response};
use provider_script::{Finish, Usage};
use serde_json::json;

use crate::body::{Body, pieces};
use crate::openai::errors;
use crate::openai::head::head;
use crate::protocol::{Head, InBand, InBandError, Intended, Problem, Rendering};

/// A reply in this dialect.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    let include_usage = &rendering.body["stream_options"]["include_usage"];
    let writer = Writer {
        rendering,
        include_usage: include_usage.as_bool().unwrap_or(false),
    };
    match rendering.conversation.streamed {
        true => writer.streamed(rendering.calls),
        false => writer.whole(rendering.calls),
    }
}

/// An error inside a stream: an event of its own, and nothing after it.
pub(super) fn in_band_error(error: &InBandError<'_>, rendering: &Rendering<'_>) -> InBand {
    let answer = errors::problem(&Problem::Scripted(error.answer), &rendering.asking);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_else(
        // The edge's HTML never comes inside a stream.
        |_| json!({"error": {"message": answer.sent.nonce, "type": "server_error", "param": null, "code": null}}),
    );
    InBand {
        frames: vec![format!("data: {body}\n\n").into_bytes()],
        sent: answer.sent,
    }
}

struct Writer<'a> {
    rendering: &'a Rendering<'a>,
    include_usage: bool,
}

impl Writer<'_> {
    /// The answer as a stream of events.
    pub(crate) fn streamed(&self, calls: &[Intended]) -> Response {
        let mut body = Body::default();
        let chunk = Chunk::new(self.rendering, self.include_usage);
        self.stream_text(&mut body, &chunk, calls.len());
        let says = self.rendering.reply.text.is_some() || self.rendering.reply.reasoning.is_some();
        let carries_role = !says && calls.len() == 1;
        for (call, index) in calls.iter().zip(0_u32..) {
            self.stream_call(&mut body, &chunk, call, (index, carries_role));
        }
        body.mark_finish();
        let finish = finish_name(self.rendering.reply.finish());
        body.event(|body| {
            body.raw(&chunk.before);
            body.raw("{},\"logprobs\":null,\"finish_reason\":\"");
            body.raw(finish);
            body.raw(&chunk.after_finish);
        });
        if self.include_usage {
            let usage = usage(self.rendering.reply.usage());
            body.event(|body| body.raw(&format!("{}[],\"usage\":{usage}}}", chunk.before_choices)));
        }
        body.mark_end();
        body.event(|body| body.raw("[DONE]"));
        let ok = Head::ok("text/event-stream; charset=utf-8");
        Response {
            head: head(&ok, &self.rendering.asking),
            framing: Framing::Chunked,
            pace: self.rendering.reply.pace.map(|pace| pace.0),
            ..body.into_response()
        }
    }

    fn stream_text(&self, body: &mut Body, chunk: &Chunk, calls: usize) {
        let says = self.rendering.reply.text.is_some() || self.rendering.reply.reasoning.is_some();
        if !says && calls > 0 {
            // A single tool call carries the role itself; before several, the role comes alone.
            let alone = |body: &mut Body| body.raw("{\"role\":\"assistant\",\"content\":null}");
            if calls > 1 {
                chunk.event(body, alone);
            }
            return;
        }
        chunk.event(body, |body| {
            body.raw("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
        });
        let bytes = self.rendering.delta_bytes();
        for piece in pieces(
            self.rendering
                .reply
                .reasoning
                .as_deref()
                .unwrap_or_default(),
            bytes,
        ) {
            chunk.event(body, |body| {
                body.raw("{\"reasoning_content\":");
                body.reasoning(piece);
                body.raw("}");
            });
        }
        for piece in pieces(
            self.rendering.reply.text.as_deref().unwrap_or_default(),
            bytes,
        ) {
            chunk.event(body, |body| {
                body.raw("{\"content\":");
                body.text(piece);
                body.raw("}");
            });
        }
    }

    fn stream_call(
        &self,
        body: &mut Body,
        chunk: &Chunk,
        call: &Intended,
        (index, carries_role): (u32, bool),
    ) {
        let (before, after) = match carries_role {
            true => (
                "\"role\":\"assistant\",\"content\":null,",
                ",\"refusal\":null",
            ),
            false => ("", ""),
        };
        chunk.event(body, |body| {
            body.raw(&format!(
                "{{{before}\"tool_calls\":[{{\"index\":{index},\"id\":"
            ));
            body.string(&call.id);
            body.raw(",\"type\":\"function\",\"function\":{\"name\":");
            body.string(&call.tool);
            body.raw(&format!(",\"arguments\":\"\"}}}}]{after}}}"));
        });
        for piece in pieces(&call.arguments, self.rendering.delta_bytes()) {
            chunk.event(body, |body| {
                body.raw(&format!(
                    "{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]}");
            });
        }
    }

    /// The answer as one document, laid out over lines as the provider does.
    pub(crate) fn whole(&self, calls: &[Intended]) -> Response {
        let mut body = Body::default();
        let id = self.rendering.asking.draw.hex("completion", 29);
        let created = self.rendering.asking.draw.created();
        body.raw(&format!(
            "{{\n  \"id\": \"chatcmpl-{id}\",\n  \"object\": \"chat.completion\",\n  \"created\": {created},\n  \"model\": "
        ));
        body.string(self.rendering.asking.model);
        body.raw(",\n  \"choices\": [\n    {\n      \"index\": 0,\n      \"message\": {\n        \"role\": \"assistant\",\n        \"content\": ");
        match &self.rendering.reply.text {
            Some(text) => body.text(text),
            None if calls.is_empty() => body.raw("\"\""),
            None => body.raw("null"),
        }
        if let Some(reasoning) = &self.rendering.reply.reasoning {
            body.raw(",\n        \"reasoning_content\": ");
            body.reasoning(reasoning);
        }
        whole_calls(&mut body, calls);
        body.raw(",\n        \"refusal\": null,\n        \"annotations\": []\n      },\n      \"logprobs\": null,\n");
        body.mark_finish();
        body.raw("      \"finish_reason\": \"");
        body.raw(finish_name(self.rendering.reply.finish()));
        let usage = format!("{:#}", usage(self.rendering.reply.usage())).replace('\n', "\n  ");
        let fingerprint = self.rendering.asking.draw.hex("fingerprint", 10);
        body.raw(&format!(
            "\"\n    }}\n  ],\n  \"usage\": {usage},\n  \"service_tier\": \"default\",\n  \"system_fingerprint\": \"fp_{fingerprint}\"\n}}\n"
        ));
        let ok = Head::ok("application/json");
        Response {
            head: head(&ok, &self.rendering.asking),
            framing: Framing::ContentLength,
            ..body.into_response()
        }
    }
}

fn whole_calls(body: &mut Body, calls: &[Intended]) {
    let Some(last) = calls.len().checked_sub(1) else {
        return;
    };
    body.raw(",\n        \"tool_calls\": [\n");
    for (place, call) in calls.iter().enumerate() {
        body.raw("          {\n            \"id\": ");
        body.string(&call.id);
        body.raw(",\n            \"type\": \"function\",\n            \"function\": {\n              \"name\": ");
        body.string(&call.tool);
        body.raw(",\n              \"arguments\": ");
        body.arguments(&call.arguments);
        body.raw("\n            }\n          }");
        body.raw(if place == last { "\n" } else { ",\n" });
    }
    body.raw("        ]");
}

/// What all chunks of a stream have in common.
#[derive(Debug)]
struct Chunk {
    before_choices: String,
    before: String,
    after: String,
    after_finish: String,
}

impl Chunk {
    fn new(rendering: &Rendering<'_>, include_usage: bool) -> Self {
        let draw = rendering.asking.draw;
        let before_choices = format!(
            "{{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},\
             \"service_tier\":\"default\",\"system_fingerprint\":\"fp_{}\",\"choices\":",
            draw.hex("completion", 29),
            draw.created(),
            json!(rendering.asking.model),
            draw.hex("fingerprint", 10),
        );
        let usage = if include_usage { ",\"usage\":null" } else { "" };
        Self {
            before: format!("{before_choices}[{{\"index\":0,\"delta\":"),
            after: format!(",\"logprobs\":null,\"finish_reason\":null}}]{usage}}}"),
            after_finish: format!("\"}}]{usage}}}"),
            before_choices,
        }
    }

    /// An event with the delta that `write` writes.
    fn event(&self, body: &mut Body, write: impl FnOnce(&mut Body)) {
        body.event(|body| {
            body.raw(&self.before);
            write(body);
            body.raw(&self.after);
        });
    }
}

/// A finish reason in this dialect's words.
const fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::ToolCalls => "tool_calls",
        Finish::Length => "length",
        Finish::ContentFilter => "content_filter",
    }
}

fn usage(usage: Usage) -> serde_json::Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}

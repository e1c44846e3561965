//! A reply as the bytes of this dialect, streamed or whole, with marks where the points of a fault lie.
//!
//! The shapes are those of captured answers (`recorded/openai-chat`): the same id and time in every chunk, no `event:` lines,
//! a usage chunk only where it is asked for, and `[DONE]` at the end; a whole answer laid out over lines.

mod body;

use fault_io::{Framing, Response};
use provider_script::{Finish, Reply, ToolCall, Usage};
use serde_json::json;

use self::body::Body;
use super::head::Head;
use crate::addressing::Address;
use crate::draw::Draw;
use crate::tool_names::ToolNames;

/// What a reply is rendered for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendering<'a> {
    pub(crate) reply: &'a Reply,
    pub(crate) model: &'a str,
    pub(crate) tools: &'a ToolNames,
    pub(crate) address: Address,
    pub(crate) draw: Draw,
    /// How many decoded bytes go into one event where the reply does not say; 0 for all.
    pub(crate) delta_bytes: u32,
    pub(crate) include_usage: bool,
}

/// A tool call as it is meant to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intended {
    pub(crate) id: String,
    pub(crate) tool: String,
    pub(crate) arguments: String,
}

impl Rendering<'_> {
    /// The tool calls, named as the target names them.
    pub(crate) fn tool_calls(&self) -> Vec<Intended> {
        let calls = self.reply.tool_calls.iter().zip(0..);
        calls
            .map(|(call, index)| self.tool_call(call, index))
            .collect()
    }

    fn tool_call(&self, call: &ToolCall, index: u32) -> Intended {
        Intended {
            id: self.address.tool_id(index).to_string(),
            tool: self.tools.name(&call.tool).to_owned(),
            arguments: self.tools.arguments(call),
        }
    }

    /// The answer as a stream of events.
    pub(crate) fn streamed(&self, calls: &[Intended]) -> Response {
        let mut body = Body::default();
        let chunk = Chunk::new(self);
        self.stream_text(&mut body, &chunk, calls.len());
        let says = self.reply.text.is_some() || self.reply.reasoning.is_some();
        let carries_role = !says && calls.len() == 1;
        for (call, index) in calls.iter().zip(0_u32..) {
            self.stream_call(&mut body, &chunk, call, (index, carries_role));
        }
        body.mark_finish();
        let finish = finish_name(self.reply.finish());
        body.event(|body| {
            body.raw(&chunk.before);
            body.raw("{},\"logprobs\":null,\"finish_reason\":\"");
            body.raw(finish);
            body.raw(&chunk.after_finish);
        });
        if self.include_usage {
            let usage = usage(self.reply.usage());
            body.event(|body| body.raw(&format!("{}[],\"usage\":{usage}}}", chunk.before_choices)));
        }
        body.mark_end();
        body.event(|body| body.raw("[DONE]"));
        let head = Head {
            status: 200,
            content_type: "text/event-stream; charset=utf-8",
            retry_after: None,
            allow: None,
        };
        Response {
            head: head.render(self.draw),
            framing: Framing::Chunked,
            pace: self.reply.pace.map(|pace| pace.0),
            ..body.into_response()
        }
    }

    fn stream_text(&self, body: &mut Body, chunk: &Chunk, calls: usize) {
        let says = self.reply.text.is_some() || self.reply.reasoning.is_some();
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
        let bytes = self.delta_bytes();
        for piece in pieces(self.reply.reasoning.as_deref().unwrap_or_default(), bytes) {
            chunk.event(body, |body| {
                body.raw("{\"reasoning_content\":");
                body.string(piece);
                body.raw("}");
            });
        }
        for piece in pieces(self.reply.text.as_deref().unwrap_or_default(), bytes) {
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
        for piece in pieces(&call.arguments, self.delta_bytes()) {
            chunk.event(body, |body| {
                body.raw(&format!(
                    "{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":"
                ));
                body.arguments(piece);
                body.raw("}}]}");
            });
        }
    }

    fn delta_bytes(&self) -> usize {
        match self.reply.delta_bytes.unwrap_or(self.delta_bytes) {
            0 => usize::MAX,
            bytes => usize::try_from(bytes).unwrap_or(usize::MAX),
        }
    }

    /// The answer as one document, laid out over lines as the provider does.
    pub(crate) fn whole(&self, calls: &[Intended]) -> Response {
        let mut body = Body::default();
        let id = self.draw.hex("completion", 29);
        let created = self.draw.created();
        body.raw(&format!(
            "{{\n  \"id\": \"chatcmpl-{id}\",\n  \"object\": \"chat.completion\",\n  \"created\": {created},\n  \"model\": "
        ));
        body.string(self.model);
        body.raw(",\n  \"choices\": [\n    {\n      \"index\": 0,\n      \"message\": {\n        \"role\": \"assistant\",\n        \"content\": ");
        match &self.reply.text {
            Some(text) => body.text(text),
            None if calls.is_empty() => body.raw("\"\""),
            None => body.raw("null"),
        }
        if let Some(reasoning) = &self.reply.reasoning {
            body.raw(",\n        \"reasoning_content\": ");
            body.string(reasoning);
        }
        whole_calls(&mut body, calls);
        body.raw(",\n        \"refusal\": null,\n        \"annotations\": []\n      },\n      \"logprobs\": null,\n");
        body.mark_finish();
        body.raw("      \"finish_reason\": \"");
        body.raw(finish_name(self.reply.finish()));
        let usage = format!("{:#}", usage(self.reply.usage())).replace('\n', "\n  ");
        let fingerprint = self.draw.hex("fingerprint", 10);
        body.raw(&format!(
            "\"\n    }}\n  ],\n  \"usage\": {usage},\n  \"service_tier\": \"default\",\n  \"system_fingerprint\": \"fp_{fingerprint}\"\n}}\n"
        ));
        let head = Head {
            status: 200,
            content_type: "application/json",
            retry_after: None,
            allow: None,
        };
        Response {
            head: head.render(self.draw),
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
    fn new(rendering: &Rendering<'_>) -> Self {
        let draw = rendering.draw;
        let before_choices = format!(
            "{{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},\
             \"service_tier\":\"default\",\"system_fingerprint\":\"fp_{}\",\"choices\":",
            draw.hex("completion", 29),
            draw.created(),
            json!(rendering.model),
            draw.hex("fingerprint", 10),
        );
        let usage = if rendering.include_usage {
            ",\"usage\":null"
        } else {
            ""
        };
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

/// Pieces of at most `bytes` bytes, and at least one character.
fn pieces(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.floor_char_boundary(bytes).max(first.len_utf8());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// A finish reason in this dialect's words.
pub(super) const fn finish_name(finish: Finish) -> &'static str {
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

//! A reply of Ollama's `/v1`, which speaks like OpenAI's Chat Completions, with an accent: a role in every chunk, `reasoning`,
//! every tool call whole in one chunk.

use fault_io::{Framing, Response};
use provider_script::{Finish, Usage};

use super::head::head;
use super::reply::spoken;
use crate::body::{Body, pieces};
use crate::protocol::{Head, Intended, Rendering};

/// A reply.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    let digits = rendering.asking.draw.hex("completion", 4);
    let writer = Writer {
        rendering,
        // The server draws three digits.
        id: u32::from_str_radix(&digits, 16).unwrap_or(0) % 1000,
    };
    match rendering.conversation.streamed {
        true => writer.streamed(),
        false => writer.whole(),
    }
}

struct Writer<'a> {
    rendering: &'a Rendering<'a>,
    id: u32,
}

impl Writer<'_> {
    fn streamed(&self) -> Response {
        let mut body = Body::safe_in_html();
        let reply = self.rendering.reply;
        let bytes = self.rendering.delta_bytes();
        for piece in pieces(reply.reasoning.as_deref().unwrap_or_default(), bytes) {
            self.chunk(&mut body, |body| {
                body.raw("\"\",\"reasoning\":");
                body.reasoning(piece);
            });
        }
        for piece in pieces(&spoken(reply), bytes) {
            self.chunk(&mut body, |body| body.text(piece));
        }
        for (call, index) in self.rendering.calls.iter().zip(0_u32..) {
            self.chunk(&mut body, |body| {
                body.raw("\"\",\"tool_calls\":[");
                tool_call(body, call, index);
                body.raw("]");
            });
        }
        body.mark_finish();
        body.event(|body| {
            self.open(body, "chat.completion.chunk");
            body.raw("[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"");
            body.raw(finish_name(reply.finish()));
            body.raw("\"}]}");
        });
        let include_usage = &self.rendering.body["stream_options"]["include_usage"];
        if include_usage.as_bool() == Some(true) {
            let usage = usage(reply.usage());
            body.event(|body| {
                self.open(body, "chat.completion.chunk");
                body.put(format_args!("[],\"usage\":{usage}}}"));
            });
        }
        body.mark_end();
        body.event(|body| body.raw("[DONE]"));
        Response {
            head: head(&Head::ok("text/event-stream"), &self.rendering.asking),
            framing: Framing::Chunked,
            pace: reply.pace.map(|pace| pace.0),
            ..body.into_response()
        }
    }

    /// A chunk whose delta has this content, and what stands behind it.
    fn chunk(&self, body: &mut Body, write: impl FnOnce(&mut Body)) {
        body.event(|body| {
            self.open(body, "chat.completion.chunk");
            body.raw("[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":");
            write(body);
            body.raw("},\"finish_reason\":null}]}");
        });
    }

    fn open(&self, body: &mut Body, object: &str) {
        let (id, created) = (self.id, self.rendering.asking.draw.created());
        body.put(format_args!(
            "{{\"id\":\"chatcmpl-{id}\",\"object\":\"{object}\",\"created\":{created},\"model\":"
        ));
        body.string(self.rendering.asking.model);
        body.raw(",\"system_fingerprint\":\"fp_ollama\",\"choices\":");
    }

    fn whole(&self) -> Response {
        let mut body = Body::safe_in_html();
        let reply = self.rendering.reply;
        self.open(&mut body, "chat.completion");
        body.raw("[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
        body.text(&spoken(reply));
        if let Some(reasoning) = &reply.reasoning {
            body.raw(",\"reasoning\":");
            body.reasoning(reasoning);
        }
        for (call, index) in self.rendering.calls.iter().zip(0_u32..) {
            body.raw(if index == 0 { ",\"tool_calls\":[" } else { "," });
            tool_call(&mut body, call, index);
        }
        if !self.rendering.calls.is_empty() {
            body.raw("]");
        }
        body.raw("},");
        body.mark_finish();
        let usage = usage(reply.usage());
        body.put(format_args!(
            "\"finish_reason\":\"{}\"}}],\"usage\":{usage}}}\n",
            finish_name(reply.finish())
        ));
        Response {
            head: head(&Head::ok("application/json"), &self.rendering.asking),
            framing: Framing::ContentLength,
            ..body.into_response()
        }
    }
}

fn tool_call(body: &mut Body, call: &Intended, index: u32) {
    body.raw("{\"id\":");
    body.string(&call.id);
    body.put(format_args!(
        ",\"index\":{index},\"type\":\"function\",\"function\":{{\"name\":"
    ));
    body.string(&call.tool);
    body.raw(",\"arguments\":");
    body.arguments(&call.arguments);
    body.raw("}}");
}

const fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::ToolCalls => "tool_calls",
        Finish::Length => "length",
        // There is no filter.
        Finish::Stop | Finish::ContentFilter => "stop",
    }
}

fn usage(Usage { input, output, .. }: Usage) -> String {
    let total = input + output;
    format!("{{\"prompt_tokens\":{input},\"completion_tokens\":{output},\"total_tokens\":{total}}}")
}

//! A reply as the bytes of this dialect, streamed or whole, with marks where the points of a fault lie.
//!
//! The shapes are those of captured answers (`recorded/anthropic-messages`): every event has its name, a block for each part of the
//! answer, a ping after the first block began, usage that grows, and white space before the last brace of an event, whose length
//! hides that of the words.

use fault_io::{Framing, Response};
use provider_script::Finish;
use serde_json::{Value, json};

use super::head::head;
use super::signature;
use crate::body::{Body, pieces};
use crate::protocol::{Head, Intended, Rendering};

/// A reply in this dialect.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    match rendering.conversation.streamed {
        true => streamed(rendering),
        false => whole(rendering),
    }
}

fn streamed(rendering: &Rendering<'_>) -> Response {
    let mut stream = Stream {
        body: Body::default(),
        padding: rendering.asking.draw.hex("padding", 64),
        written: 0,
        blocks: 0,
        delta_bytes: rendering.delta_bytes(),
    };
    stream.start(rendering);
    let reply = rendering.reply;
    if let Some(reasoning) = said(reply.reasoning.as_ref()) {
        stream.thinking(reasoning);
    }
    if let Some(text) = said(reply.text.as_ref()) {
        stream.text(text);
    }
    for call in rendering.calls {
        stream.call(call);
    }
    stream.end(rendering);
    Response {
        head: head(
            &Head::ok("text/event-stream; charset=utf-8"),
            &rendering.asking,
        ),
        framing: Framing::Chunked,
        pace: reply.pace.map(|pace| pace.0),
        ..stream.body.into_response()
    }
}

/// The answer as one document on one line.
fn whole(rendering: &Rendering<'_>) -> Response {
    let mut body = Body::default();
    body.raw(&before_content(rendering));
    let reply = rendering.reply;
    let mut comma = "";
    if let Some(reasoning) = said(reply.reasoning.as_ref()) {
        body.raw("{\"type\":\"thinking\",\"thinking\":");
        body.reasoning(reasoning);
        let signature = signature::of(reasoning);
        body.put(format_args!(",\"signature\":\"{signature}\"}}"));
        comma = ",";
    }
    if let Some(text) = said(reply.text.as_ref()) {
        body.raw(comma);
        body.raw("{\"type\":\"text\",\"text\":");
        body.text(text);
        body.raw("}");
        comma = ",";
    }
    for call in rendering.calls {
        body.raw(comma);
        whole_call(&mut body, call);
        comma = ",";
    }
    body.raw("],");
    body.mark_finish();
    let (reason, details) = stop(rendering);
    let usage = usage(rendering, true);
    body.put(format_args!(
        "\"stop_reason\":\"{reason}\",\"stop_sequence\":null,\"stop_details\":{details},\"usage\":{usage}}}"
    ));
    Response {
        head: head(&Head::ok("application/json"), &rendering.asking),
        framing: Framing::ContentLength,
        ..body.into_response()
    }
}

fn whole_call(body: &mut Body, call: &Intended) {
    call_begins(body, call);
    match serde_json::from_str::<Value>(&call.arguments).is_ok() {
        true => body.bare_arguments(&call.arguments),
        // What the model wrote is no JSON. Such input has come as a string: github.com/vercel/ai/issues/11719.
        false => body.arguments(&call.arguments),
    }
    body.raw(CALL_ENDS);
}

fn call_begins(body: &mut Body, call: &Intended) {
    body.raw("{\"type\":\"tool_use\",\"id\":");
    body.string(&call.id);
    body.raw(",\"name\":");
    body.string(&call.tool);
    body.raw(",\"input\":");
}

const CALL_ENDS: &str = ",\"caller\":{\"type\":\"direct\"}}";

/// A stream that is being written.
#[derive(Debug)]
struct Stream {
    body: Body,
    /// A digit for every event: how many spaces are before its last brace.
    padding: String,
    written: usize,
    /// The index of the next block.
    blocks: u32,
    delta_bytes: usize,
}

impl Stream {
    fn start(&mut self, rendering: &Rendering<'_>) {
        let before = before_content(rendering);
        let usage = usage(rendering, false);
        self.event("message_start", |body| {
            body.put(format_args!(
                ",\"message\":{before}],\"stop_reason\":null,\"stop_sequence\":null,\"stop_details\":null,\"usage\":{usage}}}"
            ));
        });
    }

    fn thinking(&mut self, reasoning: &str) {
        self.block_starts(|body| {
            body.raw("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
        });
        for piece in pieces(reasoning, self.delta_bytes) {
            self.delta("thinking_delta\",\"thinking", |body| body.reasoning(piece));
        }
        let signature = signature::of(reasoning);
        self.delta("signature_delta\",\"signature", |body| {
            body.string(&signature)
        });
        self.block_stops();
    }

    fn text(&mut self, text: &str) {
        self.block_starts(|body| body.raw("{\"type\":\"text\",\"text\":\"\"}"));
        for piece in pieces(text, self.delta_bytes) {
            self.delta("text_delta\",\"text", |body| body.text(piece));
        }
        self.block_stops();
    }

    /// The first delta of a call is empty.
    fn call(&mut self, call: &Intended) {
        self.block_starts(|body| {
            call_begins(body, call);
            body.raw("{}");
            body.raw(CALL_ENDS);
        });
        let member = "input_json_delta\",\"partial_json";
        self.delta(member, |body| body.raw("\"\""));
        for piece in pieces(&call.arguments, self.delta_bytes) {
            self.delta(member, |body| body.arguments(piece));
        }
        self.block_stops();
    }

    fn end(&mut self, rendering: &Rendering<'_>) {
        self.body.mark_finish();
        let (reason, details) = stop(rendering);
        let usage = usage(rendering, true);
        self.event("message_delta", |body| {
            body.put(format_args!(
                ",\"delta\":{{\"stop_reason\":\"{reason}\",\"stop_sequence\":null,\"stop_details\":{details}}},\"usage\":{usage}"
            ));
        });
        self.body.mark_end();
        self.event("message_stop", |_| {});
    }

    fn block_starts(&mut self, write: impl FnOnce(&mut Body)) {
        let index = self.blocks;
        self.event("content_block_start", |body| {
            body.put(format_args!(",\"index\":{index},\"content_block\":"));
            write(body);
        });
        if index == 0 {
            self.body
                .named_event("ping", |body| body.raw("{\"type\": \"ping\"}"));
        }
    }

    /// A delta of the newest block; `member` is its type and the name of what it holds.
    fn delta(&mut self, member: &str, write: impl FnOnce(&mut Body)) {
        let index = self.blocks;
        self.event("content_block_delta", |body| {
            body.put(format_args!(
                ",\"index\":{index},\"delta\":{{\"type\":\"{member}\":"
            ));
            write(body);
            body.raw("}");
        });
    }

    fn block_stops(&mut self) {
        let index = self.blocks;
        self.event("content_block_stop", |body| {
            body.put(format_args!(",\"index\":{index}"));
        });
        self.blocks += 1;
    }

    /// An event with the members that `write` writes after its type, each with the comma before it.
    fn event(&mut self, name: &str, write: impl FnOnce(&mut Body)) {
        let digit = self.padding.as_bytes()[self.written % self.padding.len()];
        let spaces = char::from(digit).to_digit(16).unwrap_or_default();
        self.written += 1;
        self.body.named_event(name, |body| {
            body.raw("{\"type\":\"");
            body.raw(name);
            body.raw("\"");
            write(body);
            body.raw(&" ".repeat(spaces as usize));
            body.raw("}");
        });
    }
}

/// What is not empty.
fn said(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// A message up to and with the bracket that opens its content.
fn before_content(rendering: &Rendering<'_>) -> String {
    let id = rendering.asking.draw.hex("message", 22);
    format!(
        "{{\"model\":{},\"id\":\"msg_01{id}\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[",
        json!(rendering.asking.model)
    )
}

/// Why the answer stopped, and the details that only a refusal has.
fn stop(rendering: &Rendering<'_>) -> (&'static str, Value) {
    let refusal = rendering.reply.refusal.as_deref();
    let reason = match rendering.reply.finish() {
        _ if refusal.is_some() => "refusal",
        Finish::Stop => "end_turn",
        Finish::ToolCalls => "tool_use",
        Finish::Length => "max_tokens",
        Finish::ContentFilter => "refusal",
    };
    let details = match reason {
        "refusal" => {
            json!({"type": "refusal", "category": "general_harms", "explanation": refusal})
        }
        _ => Value::Null,
    };
    (reason, details)
}

/// Usage as it is told at the beginning, when nearly nothing was written, and at the end. Input that came from a cache is told apart.
fn usage(rendering: &Rendering<'_>, at_end: bool) -> Value {
    let usage = rendering.reply.usage();
    let mut told = json!({
        "input_tokens": usage.input.saturating_sub(usage.cached),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
    });
    let streams = rendering.conversation.streamed;
    if !(streams && at_end) {
        told["cache_creation"] =
            json!({"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0});
    }
    told["output_tokens"] = json!(if at_end {
        usage.output
    } else {
        usage.output.min(1)
    });
    if at_end {
        told["output_tokens_details"] = json!({"thinking_tokens": usage.reasoning});
    }
    if !(streams && at_end) {
        told["service_tier"] = json!("standard");
        told["inference_geo"] = json!("not_available");
    }
    told
}

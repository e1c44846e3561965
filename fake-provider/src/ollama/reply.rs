//! A reply as the bytes of Ollama's own API, streamed or whole, with marks where the points of a fault lie.
//!
//! The shapes are those of captured answers (`recorded/ollama`): a JSON object a line, each with its own time; a tool call
//! whole in a line of its own, its arguments an object; why it ended, tokens and durations in the last line, which is also the
//! terminal marker.

use fault_io::{Framing, Response};
use provider_script::{Finish, Reply, Usage};

use super::head::head;
use super::moment::Moments;
use crate::body::{Body, pieces};
use crate::protocol::{Head, Intended, Rendering};

/// A reply of `/api/chat`, or of `/api/generate`.
pub(super) fn response(rendering: &Rendering<'_>, generates: bool) -> Response {
    let writer = Writer {
        rendering,
        generates,
        moments: Moments::of(rendering.asking.draw),
    };
    match rendering.conversation.streamed {
        true => writer.streamed(),
        false => writer.whole(),
    }
}

struct Writer<'a> {
    rendering: &'a Rendering<'a>,
    generates: bool,
    moments: Moments,
}

impl Writer<'_> {
    fn streamed(&self) -> Response {
        let mut body = Body::safe_in_html();
        let reply = self.rendering.reply;
        let bytes = self.rendering.delta_bytes();
        for piece in pieces(reply.reasoning.as_deref().unwrap_or_default(), bytes) {
            self.line(&mut body, nothing, |body| thinking(body, piece));
        }
        for piece in pieces(&spoken(reply), bytes) {
            self.line(&mut body, |body| body.text(piece), nothing);
        }
        for call in self.calls().iter().zip(0_u32..) {
            self.line(&mut body, nothing, |body| tool_calls(body, &[call]));
        }
        // There is no line of its own for the end, so there is no mark for one.
        body.mark_finish();
        let at = self.moments.at(body.events() as u64);
        body.frame(true, |body| {
            self.open(body, &at);
            self.message(body, nothing, nothing);
            self.close(body);
            body.raw("\n");
        });
        Response {
            head: head(&Head::ok("application/x-ndjson"), &self.rendering.asking),
            framing: Framing::Chunked,
            pace: reply.pace.map(|pace| pace.0),
            ..body.into_response()
        }
    }

    fn whole(&self) -> Response {
        let mut body = Body::safe_in_html();
        let reply = self.rendering.reply;
        self.open(&mut body, &self.moments.at(1));
        let calls: Vec<(&Intended, u32)> = self.calls().iter().zip(0..).collect();
        self.message(
            &mut body,
            |body| body.text(&spoken(reply)),
            |body| {
                if let Some(reasoning) = &reply.reasoning {
                    thinking(body, reasoning);
                }
                if !calls.is_empty() {
                    tool_calls(body, &calls);
                }
            },
        );
        body.mark_finish();
        self.close(&mut body);
        let ok = Head::ok("application/json; charset=utf-8");
        Response {
            head: head(&ok, &self.rendering.asking),
            framing: Framing::ContentLength,
            ..body.into_response()
        }
    }

    /// A completion of a prompt calls no tools.
    fn calls(&self) -> &[Intended] {
        match self.generates {
            true => &[],
            false => self.rendering.calls,
        }
    }

    /// A line in which something is said; `more` stands beside it.
    fn line(&self, body: &mut Body, says: impl FnOnce(&mut Body), more: impl FnOnce(&mut Body)) {
        let at = self.moments.at(body.events() as u64);
        body.frame(true, |body| {
            self.open(body, &at);
            self.message(body, says, more);
            body.raw(",\"done\":false}\n");
        });
    }

    fn open(&self, body: &mut Body, at: &str) {
        body.raw("{\"model\":");
        body.string(self.rendering.asking.model);
        body.put(format_args!(",\"created_at\":\"{at}\","));
    }

    /// What is said; `more` stands beside it.
    fn message(&self, body: &mut Body, says: impl FnOnce(&mut Body), more: impl FnOnce(&mut Body)) {
        body.raw(match self.generates {
            true => "\"response\":",
            false => "\"message\":{\"role\":\"assistant\",\"content\":",
        });
        let before = body.len();
        says(body);
        if body.len() == before {
            body.raw("\"\"");
        }
        more(body);
        if !self.generates {
            body.raw("}");
        }
    }

    /// Why it ended, and what it took.
    fn close(&self, body: &mut Body) {
        let reason = match self.rendering.reply.finish() {
            Finish::Length => "length",
            // That tools are called is told by the calls alone, and there is no filter.
            Finish::Stop | Finish::ToolCalls | Finish::ContentFilter => "stop",
        };
        body.put(format_args!(",\"done\":true,\"done_reason\":\"{reason}\""));
        let Usage { input, output, .. } = self.rendering.reply.usage();
        if self.generates {
            // The whole conversation in tokens, to go on with.
            let tokens: Vec<String> = (0..(input + output).min(32))
                .map(|place| (128_006 - place * 7).to_string())
                .collect();
            body.put(format_args!(",\"context\":[{}]", tokens.join(",")));
        }
        let [total, load, reading, writing] = self.moments.durations(input, output);
        body.put(format_args!(
            ",\"total_duration\":{total},\"load_duration\":{load}"
        ));
        // Go leaves out what is zero.
        if input > 0 {
            body.put(format_args!(
                ",\"prompt_eval_count\":{input},\"prompt_eval_duration\":{reading}"
            ));
        }
        if output > 0 {
            body.put(format_args!(
                ",\"eval_count\":{output},\"eval_duration\":{writing}"
            ));
        }
        body.raw("}");
    }
}

/// Writes nothing.
const fn nothing(_: &mut Body) {}

/// What is told as text: there is no place for a refusal.
pub(super) fn spoken(reply: &Reply) -> String {
    let texts = [reply.text.as_deref(), reply.refusal.as_deref()];
    texts.into_iter().flatten().collect()
}

fn thinking(body: &mut Body, text: &str) {
    body.raw(",\"thinking\":");
    body.reasoning(text);
}

fn tool_calls(body: &mut Body, calls: &[(&Intended, u32)]) {
    body.raw(",\"tool_calls\":[");
    for (place, (call, index)) in calls.iter().enumerate() {
        body.raw(if place == 0 { "{\"id\":" } else { ",{\"id\":" });
        body.string(&call.id);
        body.put(format_args!(",\"function\":{{\"index\":{index},\"name\":"));
        body.string(&call.tool);
        body.raw(",\"arguments\":");
        let is_object = serde_json::from_str::<serde_json::Value>(&call.arguments)
            .is_ok_and(|value| value.is_object());
        match is_object {
            true => body.bare_arguments(&call.arguments),
            // No line could be read that has them as they are.
            false => body.arguments(&call.arguments),
        }
        body.raw("}}");
    }
    body.raw("]");
}

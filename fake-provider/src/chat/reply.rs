//! A reply as the bytes of this dialect, streamed or whole, with marks where the points of a fault lie.
//!
//! Here is what is said in which order, which all providers have in common; how each of them writes it is an [`Accent`].

mod openai;
mod setting;

use fault_io::{Framing, Response};
use provider_script::{Finish, Quirk};
use serde_json::json;

use self::openai::OpenAi;
pub(super) use self::setting::{Setting, calls_on_a_line};
use super::quirk;
use crate::body::{Body, pieces};
use crate::protocol::{Head, InBand, InBandError, Intended, Problem, Rendering};

/// Something that is said in a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delta<'a> {
    Role(Opening),
    Reasoning(&'a str),
    Text(&'a str),
    Refusal(&'a str),
    /// A tool call begins; the opening tells whether it is the first thing that is said.
    Call(&'a Intended, u32, Opening),
    Arguments(&'a str, u32),
    Finish(Finish),
}

/// What an answer begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Words.
    Words,
    /// A tool call, and there is no other.
    OneCall,
    /// One of several tool calls.
    Calls,
}

/// How a provider writes what is said.
pub(super) trait Accent {
    /// What comes before the first chunk.
    fn opening(&self, _: &mut Body) {}

    /// The event, if there is one, in which this is said by one of the choices.
    fn delta(&self, body: &mut Body, choice: u64, delta: Delta<'_>);

    /// The event that tells the usage, if there is one.
    fn usage(&self, body: &mut Body);

    /// The answer as one document.
    fn whole(&self, body: &mut Body);

    /// The types of a stream and of a document.
    fn content_types(&self) -> (&'static str, &'static str) {
        ("text/event-stream; charset=utf-8", "application/json")
    }
}

/// What an answer takes on the wire beside what it says, roughly.
const AROUND: usize = 1024;

/// A reply in this dialect.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    let setting = Setting::of(rendering);
    match rendering.asking.quirk {
        None | Some(Quirk::EmptyFinish) => spoken(&setting, &OpenAi::new(&setting)),
        Some(Quirk::Azure) => spoken(&setting, &quirk::azure::Azure(&setting)),
        Some(Quirk::Deepseek) => spoken(&setting, &quirk::deepseek::DeepSeek(&setting)),
        Some(Quirk::Openrouter) => spoken(&setting, &quirk::openrouter::OpenRouter(&setting)),
        Some(Quirk::Vllm) => spoken(&setting, &quirk::vllm::Vllm(&setting)),
    }
}

fn spoken(setting: &Setting<'_>, accent: &dyn Accent) -> Response {
    let reply = setting.rendering.reply;
    let said = [&reply.text, &reply.reasoning, &reply.refusal];
    let said = said.into_iter().flatten().map(String::len).sum::<usize>();
    let mut body = Body::with_capacity(said + AROUND);
    let (stream, document) = accent.content_types();
    let asking = &setting.rendering.asking;
    if setting.rendering.conversation.streamed {
        streamed(&mut body, setting, accent);
        return Response {
            head: quirk::head(&Head::ok(stream), asking),
            framing: Framing::Chunked,
            pace: setting.rendering.reply.pace.map(|pace| pace.0),
            ..body.into_response()
        };
    }
    accent.whole(&mut body);
    Response {
        head: quirk::head(&Head::ok(document), asking),
        framing: Framing::ContentLength,
        ..body.into_response()
    }
}

fn streamed(body: &mut Body, setting: &Setting<'_>, accent: &dyn Accent) {
    let reply = setting.rendering.reply;
    let calls = setting.rendering.calls;
    let bytes = setting.rendering.delta_bytes();
    let opening = setting.opening();
    let all = |body: &mut Body, delta: Delta<'_>| {
        for choice in 0..setting.choices {
            accent.delta(body, choice, delta);
        }
    };
    accent.opening(body);
    all(body, Delta::Role(opening));
    for piece in pieces(reply.reasoning.as_deref().unwrap_or_default(), bytes) {
        all(body, Delta::Reasoning(piece));
    }
    for piece in pieces(reply.text.as_deref().unwrap_or_default(), bytes) {
        all(body, Delta::Text(piece));
    }
    for piece in pieces(reply.refusal.as_deref().unwrap_or_default(), bytes) {
        all(body, Delta::Refusal(piece));
    }
    // Only the first choice calls tools: two calls cannot have one id.
    for (call, index) in calls.iter().zip(0_u32..) {
        accent.delta(body, 0, Delta::Call(call, index, opening));
        for piece in pieces(&call.arguments, bytes) {
            accent.delta(body, 0, Delta::Arguments(piece, index));
        }
    }
    body.mark_finish();
    for choice in 0..setting.choices {
        accent.delta(body, choice, Delta::Finish(setting.finish(choice)));
    }
    if setting.include_usage {
        accent.usage(body);
    }
    body.mark_end();
    body.event(|body| body.raw("[DONE]"));
}

/// An error inside a stream: an event of its own, and nothing after it but what two of the relatives end every stream with.
pub(super) fn in_band_error(error: &InBandError<'_>, rendering: &Rendering<'_>) -> InBand {
    let answer = quirk::problem(&Problem::Scripted(error.answer), &rendering.asking);
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_else(
        // The edge's HTML never comes inside a stream.
        |_| json!({"error": {"message": answer.sent.nonce, "type": "server_error", "param": null, "code": null}}),
    );
    let data = match rendering.asking.quirk {
        Some(Quirk::Openrouter) => quirk::openrouter::error_chunk(&Setting::of(rendering), &told),
        _ => told.to_string(),
    };
    let mut frames = vec![format!("data: {data}\n\n").into_bytes()];
    if matches!(
        rendering.asking.quirk,
        Some(Quirk::Openrouter | Quirk::Vllm)
    ) {
        frames.push(b"data: [DONE]\n\n".to_vec());
    }
    InBand {
        frames,
        sent: answer.sent,
    }
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

//! A reply as the bytes of this dialect: events, a streamed array, or one document, with marks where the points of a fault lie.
//!
//! The shapes are those of recorded answers (`recorded/gemini`): every chunk is a whole response with the tokens so far, a tool call
//! is never split, and nothing ends a stream but its end. Models of generation 2 tell the finish reason with the last content,
//! those since in a chunk of its own.

mod chunk;

use fault_io::{Framing, Response};
use serde_json::{Value, json};

use self::chunk::Chunks;
use super::head::head;
use super::layout::{self, Style};
use super::route::{self, Form};
use super::{DOCUMENT, EVENTS, errors};
use crate::body::Body;
use crate::protocol::{Head, InBand, InBandError, Problem, Rendering};

/// A reply in this dialect.
pub(super) fn response(rendering: &Rendering<'_>) -> Response {
    let form = form(rendering);
    let chunks = Chunks::of(rendering);
    let mut body = Body::default();
    if form == Form::Whole {
        layout::write(&mut body, Style::Lines, &chunks.whole(), true);
        body.raw("\n");
    } else {
        for chunk in &chunks.streamed() {
            if chunk.is_finish_alone {
                body.mark_finish();
            }
            let first = body.events() == 0;
            let marks_finish = !chunk.is_finish_alone;
            body.frame(true, |body| {
                one(body, form, (&chunk.value, first, marks_finish));
            });
        }
    }
    if form == Form::Array {
        body.frame(false, |body| body.raw("]"));
    }
    let content_type = if form == Form::Events {
        EVENTS
    } else {
        DOCUMENT
    };
    let framing = match form {
        Form::Whole => Framing::ContentLength,
        _ => Framing::Chunked,
    };
    Response {
        head: head(&Head::ok(content_type), &rendering.asking),
        framing,
        pace: rendering.reply.pace.map(|pace| pace.0),
        ..body.into_response()
    }
}

/// One chunk: an event, or an element of the array with what stands before it.
fn one(body: &mut Body, form: Form, (value, first, marks_finish): (&Value, bool, bool)) {
    if form == Form::Events {
        body.raw("data: ");
        layout::write(body, Style::Line, value, marks_finish);
        body.raw("\r\n\r\n");
        return;
    }
    body.raw(if first { "[" } else { ",\r\n" });
    layout::write(body, Style::Lines, value, marks_finish);
    body.raw("\n");
}

/// An error inside a stream. In events the real one stands there bare, as no event at all (`recorded/gemini/stream-error-503-*`);
/// `flat` asks for the event that server-sent events would have it be. In an array it is the last element.
pub(super) fn in_band_error(error: &InBandError<'_>, rendering: &Rendering<'_>) -> InBand {
    let said = errors::ErrorBody::of(&Problem::Scripted(error.answer), &rendering.asking);
    let value = said.value();
    let text = String::from_utf8_lossy(&layout::document(&value)).into_owned();
    let frames = match (form(rendering), error.flat) {
        (Form::Array, _) => {
            let before = if error.events_before == 0 {
                "["
            } else {
                ",\r\n"
            };
            vec![format!("{before}{text}").into_bytes(), b"]".to_vec()]
        }
        (_, true) => vec![format!("data: {value}\r\n\r\n").into_bytes()],
        (_, false) => vec![text.into_bytes()],
    };
    InBand {
        frames,
        sent: said.sent(),
    }
}

fn form(rendering: &Rendering<'_>) -> Form {
    match (
        rendering.conversation.streamed,
        route::form(rendering.asking.request),
    ) {
        (false, _) => Form::Whole,
        (true, Form::Events) => Form::Events,
        (true, _) => Form::Array,
    }
}

/// What a model says of itself in every answer.
fn signed(mut value: Value, rendering: &Rendering<'_>) -> Value {
    value["modelVersion"] = json!(rendering.asking.model);
    value["responseId"] = json!(rendering.asking.draw.hex("response", 22));
    value
}

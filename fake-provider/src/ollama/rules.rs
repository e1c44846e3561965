//! Whether a request keeps the server's rules, in the words that Go says when it reads JSON into structs, and the server after.
//!
//! The server is lenient where others are not: unknown roles, tool results without calls and unknown fields are fine.
//! Sources: `api/types.go`, `server/routes.go`, `middleware/openai.go`, and `recorded/ollama`.

mod fields;
mod native;

use self::fields::{Fields, Kind};
use super::route::Route;
use crate::json::Value;
use crate::protocol::{Checked, Violation};

/// Checks a request for words of a model; the first rule that it breaks.
pub(super) fn check(checked: &Checked<'_>) -> Result<(), Violation> {
    match Route::of(checked.request) {
        Some(Route::CompatibleChat) => compatible(checked.body),
        Some(Route::Generate) => native::generate(checked.body),
        _ => native::chat(checked.body, checked.raw_arguments),
    }
}

/// Checks a request for something else.
pub(super) fn document(route: Route, body: &Value) -> Result<(), Violation> {
    match route {
        Route::Chat => native::chat(body, &[]),
        Route::Generate => native::generate(body),
        Route::Show => named(body, "ShowRequest", &[]),
        Route::Embeddings => named(body, "EmbeddingRequest", &[("prompt", Kind::Text)]),
        Route::Embed => {
            named(body, "EmbedRequest", &[("truncate", Kind::Bool)])?;
            input(
                &body["input"],
                Violation::new("input", "invalid input type"),
            )
        }
        _ => {
            named(body, "EmbedRequest", &[])?;
            let message = "invalid input";
            input(&body["input"], Violation::new("input", message))
        }
    }
}

fn named(body: &Value, of: &'static str, fields: &[(&str, Kind)]) -> Result<(), Violation> {
    Fields::of(body, of)?.check(&[("model", Kind::Text)])?;
    Fields::of(body, of)?.check(fields)?;
    native::model(body)
}

/// A text, or a list of texts.
fn input(input: &Value, wrong: Violation) -> Result<(), Violation> {
    let fine = match input {
        Value::Null | Value::String(_) => true,
        Value::Array(texts) => texts.iter().all(Value::is_string),
        _ => false,
    };
    if fine { Ok(()) } else { Err(wrong) }
}

/// What the `/v1`'s adapter finds before the server sees the request.
fn compatible(body: &Value) -> Result<(), Violation> {
    let fields = Fields::of(body, "ChatCompletionRequest")?;
    fields.check(&[
        ("model", Kind::Text),
        ("messages", Kind::Array),
        ("stream", Kind::Bool),
        ("max_tokens", Kind::Integer),
        ("seed", Kind::Integer),
        ("temperature", Kind::Number),
        ("top_p", Kind::Number),
        ("frequency_penalty", Kind::Number),
        ("presence_penalty", Kind::Number),
        ("tools", Kind::Array),
    ])?;
    fields
        .inside("stream_options", "*StreamOptions")?
        .check(&[("include_usage", Kind::Bool)])?;
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        let message = "[] is too short - 'messages'";
        return Err(Violation::new("messages-empty", message));
    }
    for message in fields.each("messages", "openai.Message")? {
        message.check(&[
            ("role", Kind::Text),
            ("tool_calls", Kind::Array),
            ("tool_call_id", Kind::Text),
            ("name", Kind::Text),
        ])?;
        content(&message.value["content"])?;
        let calls = message.value["tool_calls"].as_array().into_iter().flatten();
        for call in calls {
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            let read = serde_json::from_str::<Value>(arguments);
            if !read.is_ok_and(|arguments| arguments.is_object()) {
                let message = "invalid tool call arguments";
                return Err(Violation::new("arguments-not-an-object", message));
            }
        }
    }
    // What the server says itself.
    native::model(body).map_err(|violation| violation.code("api_error"))
}

fn content(content: &Value) -> Result<(), Violation> {
    let wrong = |kind: &str| {
        let message = format!("invalid message content type: {kind}");
        Violation::new("wrong-type", message)
    };
    match content {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(parts) => match parts.iter().all(Value::is_object) {
            true => Ok(()),
            false => Err(Violation::new("wrong-type", "invalid message format")),
        },
        Value::Number(_) => Err(wrong("float64")),
        Value::Bool(_) => Err(wrong("bool")),
        Value::Object(_) => Err(wrong("map[string]interface {}")),
    }
}

#[cfg(test)]
mod tests;

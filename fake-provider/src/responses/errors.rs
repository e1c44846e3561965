//! Errors of this API: the provider's body with its own layout, and the events of an error inside a stream.

use provider_script::Reply;
use serde_json::{Map, Value, json};
use wire_faults::StatusAnswer;

use super::items::Items;
use super::object::{State, object};
use super::part::{Layout, Part};
use super::reply::event;
use crate::body::Body;
use crate::openai;
use crate::protocol::{Asking, ErrorAnswer, InBand, InBandError, Problem, Rendering};

/// A problem in the provider's shape: indented by two, without a line break at the end (`recorded/openai-responses`).
pub(super) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    if let Problem::UnknownModel(model) = problem {
        let status = StatusAnswer {
            status: 400,
            code: Some("model_not_found".into()),
            ..StatusAnswer::default()
        };
        return self::problem(&Problem::Scripted(&status), &Asking { model, ..*asking });
    }
    let mut answer = openai::errors::problem(problem, asking);
    // The edge's HTML is the same everywhere.
    if let Some(error) = error(problem, asking, &answer) {
        answer.body = format!("{:#}", json!({"error": error})).into_bytes();
        answer.content_type = "application/json";
    }
    answer
}

/// The members of an error that is no HTML, in this API's words where they differ from the others'.
fn error(problem: &Problem<'_>, asking: &Asking<'_>, answer: &ErrorAnswer) -> Option<Value> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let mut error = body.get("error").cloned()?;
    let Problem::Scripted(scripted) = problem else {
        return Some(error);
    };
    let told = match scripted.code.as_deref() {
        // https://github.com/openai/codex and many others quote it.
        Some("context_length_exceeded") => Some((
            "Your input exceeds the context window of this model. Please adjust your input and try again.".to_owned(),
            "input",
        )),
        Some("model_not_found") => Some((unknown_model(asking.model), "model")),
        _ => None,
    };
    if let Some((message, param)) = told.filter(|_| scripted.status == 400) {
        if scripted.message.is_none() {
            error["message"] = json!(format!("{message} (ref {})", answer.sent.nonce));
        }
        error["param"] = json!(param);
    }
    Some(error)
}

/// What is said of a model that is none; its status is 400 here (`error-400-model.json`).
fn unknown_model(model: &str) -> String {
    format!("The requested model '{model}' does not exist.")
}

/// An error inside a stream, and the end of the answer, as production sends them: `error` has its members in a member of its own.
/// `flat` is the form of the provider's description, which no server sends
/// (<https://github.com/openai/openai-dotnet/issues/881>, <https://github.com/zendev-sh/goai/pull/88>).
pub(super) fn in_band(asked: &InBandError<'_>, rendering: &Rendering<'_>) -> InBand {
    let scripted = Problem::Scripted(asked.answer);
    let answer = openai::errors::problem(&scripted, &rendering.asking);
    let error = error(&scripted, &rendering.asking, &answer).unwrap_or_else(
        // The edge's HTML never comes inside a stream.
        || json!({"message": format!("The server had an error (ref {}).", answer.sent.nonce), "type": "server_error"}),
    );
    let word = |name: &str| error[name].as_str();
    let code = word("code").or(word("type")).unwrap_or("server_error");
    let message = word("message").unwrap_or_default();
    let number = asked.events_before;
    let told = match asked.flat {
        true => vec![
            ("code", error["code"].clone().into()),
            ("message", message.into()),
            ("param", error["param"].clone().into()),
        ],
        false => vec![("error", nested(&error).into())],
    };
    let quiet = Reply::default();
    let rendering = Rendering {
        reply: &quiet,
        calls: &[],
        ..*rendering
    };
    let items = Items::new(&rendering);
    let failed = object(&rendering, &items, State::Failed(code, message));
    let frames = vec![
        frame("error", number, told),
        frame("response.failed", number + 1, vec![("response", failed)]),
    ];
    InBand {
        frames,
        sent: answer.sent,
    }
}

/// The error's members in this event's order. One that tells of a limit tells the limits too, since the head has left.
fn nested(error: &Value) -> Value {
    let mut nested = Map::new();
    for name in ["type", "code", "message", "param"] {
        if name == "message" && error["code"] == "rate_limit_exceeded" {
            nested.insert("headers".into(), limits());
        }
        nested.insert(name.into(), error[name].clone());
    }
    Value::Object(nested)
}

fn limits() -> Value {
    json!({
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-requests": "8.64s",
        "x-ratelimit-reset-tokens": "120ms",
    })
}

fn frame(name: &'static str, number: usize, members: Vec<(&'static str, Part<'_>)>) -> Vec<u8> {
    let mut body = Body::default();
    event(&mut body, name, number, (members, Layout::REPEATED));
    body.into_response().body
}

#[cfg(test)]
mod tests;

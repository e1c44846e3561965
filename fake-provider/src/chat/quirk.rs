//! Providers that speak Chat Completions with an accent: their chunks, their heads, their errors. One file each.

pub(super) mod azure;
pub(super) mod deepseek;
pub(super) mod openrouter;
pub(super) mod vllm;

use journal::ErrorSent;
use provider_script::Quirk;
use serde_json::Value;

use crate::openai::errors::{self, ErrorBody};
use crate::openai::head;
use crate::protocol::{Asking, ErrorAnswer, Head, Problem, reason};

/// Status line and headers of an answer.
pub(super) fn head(told: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let own = match asking.quirk {
        None | Some(Quirk::EmptyFinish) => return head::head(told, asking),
        Some(Quirk::Azure) => azure::headers(told.status, asking.draw),
        Some(Quirk::Deepseek) => cached(told) + &deepseek::headers(asking.draw),
        Some(Quirk::Openrouter) => cached(told) + &openrouter::headers(asking.draw),
        Some(Quirk::Vllm) => "server: uvicorn\r\n".into(),
    };
    let allow = told.allow.map(|allow| format!("allow: {allow}\r\n"));
    format!(
        "HTTP/1.1 {} {}\r\ncontent-type: {}\r\n{own}{}{}",
        told.status,
        reason(told.status),
        told.content_type,
        told.retry_lines(),
        allow.unwrap_or_default(),
    )
    .into_bytes()
}

/// Streams are not for caches.
fn cached(told: &Head<'_>) -> String {
    match told.content_type.starts_with("text/event-stream") {
        true => "cache-control: no-cache\r\n".into(),
        false => String::new(),
    }
}

/// A problem in the shape of whoever speaks.
pub(super) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    let Some(quirk) = asking.quirk.filter(|quirk| *quirk != Quirk::EmptyFinish) else {
        return errors::problem(problem, asking);
    };
    let mut error = ErrorBody::of(problem, asking);
    if let Problem::Scripted(answer) = problem
        && answer.message.is_none()
        && let Some(usual) = usual(quirk, answer.status, asking)
    {
        error.message = usual;
        error.html = false;
        if answer.echo_key {
            error.echo(asking.key);
        }
    }
    if error.html {
        return errors::problem(problem, asking);
    }
    let nonce = asking.draw.nonce();
    error.message = format!("{} (ref {nonce})", error.message);
    let body = match quirk {
        Quirk::Azure => azure::error(&error, problem),
        Quirk::Deepseek => deepseek::error(&error, problem),
        Quirk::Openrouter => openrouter::error(&error, asking),
        Quirk::Vllm | Quirk::EmptyFinish => vllm::error(&mut error, problem),
    };
    ErrorAnswer {
        status: error.status,
        content_type: match quirk {
            Quirk::Azure => "application/json; charset=UTF-8",
            _ => "application/json",
        },
        body: body.to_string().into_bytes(),
        sent: ErrorSent {
            code: code(&body).unwrap_or_else(|| error.status.to_string()),
            nonce,
            retry_after: error.retry_after.clone(),
            ..ErrorSent::default()
        },
        retry_after: error.retry_after,
        allow: match problem {
            Problem::NotAllowed(allow) => Some(allow),
            _ => None,
        },
    }
}

/// The code that a body tells.
fn code(body: &Value) -> Option<String> {
    let code = match &body["error"] {
        Value::Null => &body["code"],
        error => &error["code"],
    };
    match code {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    }
}

/// What a provider usually says with a status, where it differs from OpenAI.
fn usual(quirk: Quirk, status: u16, asking: &Asking<'_>) -> Option<String> {
    match quirk {
        Quirk::Azure => azure::usual(status),
        Quirk::Deepseek => deepseek::usual(status, asking.key),
        Quirk::Openrouter => openrouter::usual(status, asking.model),
        Quirk::Vllm | Quirk::EmptyFinish => vllm::usual(status, asking.model),
    }
}

#[cfg(test)]
mod tests;

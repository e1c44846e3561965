//! Errors in the provider's shape, before an answer and inside a stream, with a nonce in every message by which the error is known
//! again.
//!
//! Sources: platform.claude.com/docs/en/api/errors, and captured errors (`recorded/anthropic-messages`).

use journal::ErrorSent;
use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use super::head::request_id;
use crate::edge;
use crate::openai::errors::QUOTA_CODES;
use crate::protocol::{Asking, ErrorAnswer, InBand, InBandError, Problem, Violation};

/// What an error says, before it becomes bytes.
#[derive(Debug, Clone, Default)]
struct Told {
    status: u16,
    kind: String,
    /// `details.error_code`, for the few that have one.
    code: Option<String>,
    message: String,
    retry_after: Option<String>,
    /// Told by the edge in front of the provider, which answers in HTML.
    html: bool,
    /// Told by the edge in the provider's words, without what only the provider knows
    /// (<https://github.com/anthropics/claude-code/issues/10314>).
    bare: bool,
}

/// What is told of an account that is empty.
const SPEND_CODE: &str = "enforced_spend_limit_reached";

/// A problem as an answer.
pub(super) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    let told = Told::of(problem, asking);
    let nonce = asking.draw.nonce();
    let (content_type, body) = match told.html {
        true => (edge::TYPE, edge::page(told.status, &told.message, &nonce)),
        false => ("application/json", told.document(asking, &nonce)),
    };
    ErrorAnswer {
        status: told.status,
        content_type,
        body: body.into_bytes(),
        allow: match problem {
            Problem::NotAllowed(allow) => Some(allow),
            _ => None,
        },
        sent: told.sent(nonce),
        retry_after: told.retry_after,
    }
}

/// An error inside a stream, after which nothing comes. Its form there has details, which are null; in the description it has
/// neither them nor the request's id, and that is what is `flat` in this dialect.
pub(super) fn in_band(error: &InBandError<'_>, asking: &Asking<'_>) -> InBand {
    let told = Told::of(&Problem::Scripted(error.answer), asking);
    let nonce = asking.draw.nonce();
    let data = match error.flat {
        true => {
            let message = known_by(&told.message, &nonce);
            json!({"type": "error", "error": {"type": told.kind, "message": message}}).to_string()
        }
        false => told.in_stream(asking, &nonce),
    };
    InBand {
        frames: vec![format!("event: error\ndata: {data}\n\n").into_bytes()],
        sent: told.sent(nonce),
    }
}

fn known_by(message: &str, nonce: &str) -> String {
    format!("{message} (ref {nonce})")
}

impl Told {
    fn of(problem: &Problem<'_>, asking: &Asking<'_>) -> Self {
        match problem {
            Problem::Violation(violation) => Self::violation(violation),
            Problem::NotJson => Self::invalid(400, not_json(&asking.request.body)),
            Problem::Unauthorized => Self::unauthorized(asking.key),
            Problem::Unscripted(what) => Self {
                code: Some("unscripted_request".into()),
                ..Self::invalid(400, what.clone())
            },
            Problem::NotFound => Self::usual(404, "Not Found".into()),
            Problem::NotAllowed(_) => Self::invalid(405, "Method Not Allowed".into()),
            Problem::Malformed { status, message } => Self::usual(*status, (*message).to_owned()),
            Problem::TooLarge(_) => Self {
                bare: true,
                ..Self::usual(413, message(413, ""))
            },
            Problem::UnknownModel(model) => Self::usual(404, message(404, model)),
            Problem::Scripted(answer) => Self::scripted(answer, asking),
        }
    }

    fn usual(status: u16, message: String) -> Self {
        Self {
            status,
            kind: kind(status).to_owned(),
            message,
            ..Self::default()
        }
    }

    fn invalid(status: u16, message: String) -> Self {
        Self {
            kind: "invalid_request_error".into(),
            ..Self::usual(status, message)
        }
    }

    fn violation(violation: &Violation) -> Self {
        Self::invalid(violation.status, violation.message.clone())
    }

    fn unauthorized(key: Option<&str>) -> Self {
        let message = match key {
            Some(_) => "invalid x-api-key",
            None => "x-api-key header is required",
        };
        Self::usual(401, message.into())
    }

    /// The error that a script asks for. The credential is repeated only where that is asked.
    fn scripted(answer: &StatusAnswer, asking: &Asking<'_>) -> Self {
        let message = message(answer.status, asking.model);
        let mut told = Self {
            html: is_edge(answer.status),
            ..Self::usual(answer.status, message)
        };
        if let Some(code) = &answer.code {
            told.coded(code);
            told.html = false;
        }
        if let Some(message) = &answer.message {
            told.message.clone_from(message);
            told.html = false;
        }
        if answer.echo_key && !told.html {
            let shown = asking.key.unwrap_or("none");
            told.message = format!("{} (API key: {shown})", told.message);
        }
        told.retry_after.clone_from(&answer.retry_after);
        told
    }

    /// What a code makes of it: the name of a kind of error, another provider's word for one that exists here too, or one of the few
    /// that stand in the details.
    fn coded(&mut self, code: &str) {
        if code == "context_length_exceeded" {
            self.message = "prompt is too long: 210034 tokens > 200000 maximum".into();
        } else if code.ends_with("_error") || code == "request_too_large" {
            code.clone_into(&mut self.kind);
        } else if QUOTA_CODES.contains(&code) || code == SPEND_CODE {
            self.code = Some(SPEND_CODE.into());
            // platform.claude.com/docs/en/api/rate-limits, where it has no Retry-After.
            self.message = "You have reached your API usage limits: your organization has crossed its monthly API usage \
                            threshold, set based on your organization's API tier. You will regain access on 2026-09-01 at 00:00 \
                            UTC."
                .into();
        } else {
            self.code = Some(code.into());
        }
    }

    fn sent(&self, nonce: String) -> ErrorSent {
        ErrorSent {
            code: self.code.clone().unwrap_or_else(|| self.kind.clone()),
            nonce,
            retry_after: self.retry_after.clone(),
            ..ErrorSent::default()
        }
    }

    fn details(&self) -> Option<Value> {
        self.code.as_ref().map(|code| json!({"error_code": code}))
    }

    /// On one line, without white space and without a line break at its end.
    fn document(&self, asking: &Asking<'_>, nonce: &str) -> String {
        let mut error = json!({"type": self.kind, "message": known_by(&self.message, nonce)});
        if self.bare {
            return json!({"error": error}).to_string();
        }
        if let Some(details) = self.details() {
            error["details"] = details;
        }
        json!({"type": "error", "error": error, "request_id": request_id(asking.draw)}).to_string()
    }

    fn in_stream(&self, asking: &Asking<'_>, nonce: &str) -> String {
        let error = json!({"details": self.details(), "type": self.kind, "message": known_by(&self.message, nonce)});
        json!({"type": "error", "error": error, "request_id": request_id(asking.draw)}).to_string()
    }
}

/// Whether the edge answers in the provider's place.
const fn is_edge(status: u16) -> bool {
    matches!(status, 502 | 520..=527)
}

const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        // Used for every other status that blames the client, says the description.
        _ => "invalid_request_error",
    }
}

/// What the provider usually says with a status.
fn message(status: u16, model: &str) -> String {
    let fixed = match status {
        401 => "invalid x-api-key",
        402 => {
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase \
             credits."
        }
        403 => "Your API key does not have permission to use the specified resource.",
        404 => return format!("model: {model}"),
        408 => "Request timed out.",
        409 => "The request conflicts with the current state of the resource.",
        413 => "Request exceeds the maximum size",
        429 => "This request would exceed your account's rate limit. Please try again later.",
        500 => "Internal server error",
        502 => "Bad gateway",
        503 => "Service unavailable",
        504 => "The request timed out while processing.",
        520..=527 => "Web server is returning an error",
        529 => "Overloaded",
        400..500 => "The request could not be processed.",
        _ => "Internal server error",
    };
    fixed.to_owned()
}

/// As in `... no low surrogate in string: line 1 column 203558 (char 203557)`, which was captured.
fn not_json(body: &[u8]) -> String {
    let error = serde_json::from_slice::<Value>(body).err();
    let (line, column) = error.map_or((1, 1), |error| (error.line(), error.column().max(1)));
    let before = body.split_inclusive(|byte| *byte == b'\n').take(line - 1);
    let at = before.map(<[u8]>::len).sum::<usize>() + column - 1;
    format!(
        "The request body is not valid JSON: unexpected character: line {line} column {column} (char {at})"
    )
}

#[cfg(test)]
mod tests;

//! Error answers in Google's shape: a status word for every status, details by type, and a nonce in every message by which the error
//! is known again. What the front end answers itself is a page.

mod page;
mod usual;

use journal::ErrorSent;
use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use self::usual::Usual;
use super::layout;
use super::route::{self, Form};
use super::{DOCUMENT, EVENTS};
use crate::protocol::{Asking, ErrorAnswer, Problem};

/// What an error says, before it becomes bytes.
#[derive(Debug, Clone)]
pub(super) struct ErrorBody {
    http: u16,
    /// `INVALID_ARGUMENT` and the like (google/rpc/code.proto).
    status: String,
    message: String,
    details: Vec<Value>,
    retry_after: Option<String>,
    nonce: String,
    /// What is recorded as its code.
    code: String,
    /// Told by the front end, as a page for browsers.
    page: bool,
}

/// A problem in the provider's shape.
pub(super) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    let error = ErrorBody::of(problem, asking);
    let form = route::form(asking.request);
    let (content_type, body) = if error.page {
        (page::TYPE, page::page(error.http, &error.message()))
    } else {
        let document = layout::document(&error.value());
        match form {
            Form::Whole => (DOCUMENT, document),
            // As recorded: the type is that of the stream, and the body is no event (`recorded/gemini/error-400-key.json`).
            Form::Events => (EVENTS, document),
            // The only element of the array that was asked for (danny-avila/LibreChat issue 11761).
            Form::Array => (DOCUMENT, [b"[".as_slice(), &document, b"]"].concat()),
        }
    };
    ErrorAnswer {
        status: error.http,
        content_type,
        body,
        retry_after: error.retry_after.clone(),
        allow: match problem {
            Problem::NotAllowed(allow) => Some(allow),
            _ => None,
        },
        sent: error.sent(),
    }
}

impl ErrorBody {
    /// The error that a problem is.
    pub(super) fn of(problem: &Problem<'_>, asking: &Asking<'_>) -> Self {
        let nonce = asking.draw.nonce();
        let invalid = |message: &str| Self::new(400, message, nonce.clone());
        let path = page::escaped(&asking.request.path);
        match problem {
            Problem::Violation(violation) => Self {
                http: violation.status,
                details: field_violations(&violation.message).into_iter().collect(),
                ..invalid(&violation.message)
            },
            Problem::NotJson => {
                let message = "Invalid JSON payload received. Unexpected token.";
                Self {
                    details: field_violations(message).into_iter().collect(),
                    ..invalid(message)
                }
            }
            Problem::Unauthorized if asking.key.is_some() => bad_key(nonce),
            Problem::Unauthorized => Self::new(403, NO_KEY, nonce),
            Problem::Unscripted(what) => invalid(what).because("unscripted_request"),
            Problem::NotFound => {
                let what =
                    format!("The requested URL <code>{path}</code> was not found on this server.");
                Self::new(404, &what, nonce).on_a_page()
            }
            Problem::NotAllowed(_) => {
                let method = page::escaped(&asking.request.method);
                let what = format!(
                    "The request method <code>{method}</code> is inappropriate for the URL <code>{path}</code>."
                );
                Self::new(405, &what, nonce).on_a_page()
            }
            Problem::Malformed { status, message } => {
                let what =
                    format!("Your client has issued a malformed or illegal request: {message}.");
                Self::new(*status, &what, nonce).on_a_page()
            }
            // In these words wherever Google's APIs are used, such as google-gemini/deprecated-generative-ai-android issue 26.
            Problem::TooLarge(most) => invalid(&format!(
                "Request payload size exceeds the limit: {most} bytes."
            )),
            Problem::UnknownModel(model) => {
                let status = StatusAnswer {
                    status: 404,
                    ..StatusAnswer::default()
                };
                Self::scripted(&status, &Asking { model, ..*asking })
            }
            Problem::Scripted(answer) => Self::scripted(answer, asking),
        }
    }

    fn new(http: u16, message: &str, nonce: String) -> Self {
        let status = usual::status_word(http);
        Self {
            http,
            status: status.to_owned(),
            message: message.to_owned(),
            details: Vec::new(),
            retry_after: None,
            nonce,
            code: status.to_owned(),
            page: false,
        }
    }

    fn on_a_page(self) -> Self {
        Self { page: true, ..self }
    }

    /// With a reason that has no status word of its own.
    fn because(mut self, reason: &str) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
        }));
        reason.clone_into(&mut self.code);
        self
    }

    /// The error that a script asks for. The key is repeated only where that is asked too.
    fn scripted(answer: &StatusAnswer, asking: &Asking<'_>) -> Self {
        let usual = Usual::of(answer, asking);
        let mut error = Self::new(answer.status, &usual.message, asking.draw.nonce());
        error.details = usual.details;
        error.page = usual.page && answer.message.is_none() && answer.code.is_none();
        if let Some(message) = &answer.message {
            error.message.clone_from(message);
            error.details.extend(field_violations(message));
        }
        match &answer.code {
            Some(code) if code == BAD_KEY => {
                let bad = bad_key(asking.draw.nonce());
                error.details = bad.details;
                error.code = bad.code;
            }
            Some(_) if usual.code_is_told => {}
            Some(code) if is_status_word(code) => {
                error.status.clone_from(code);
                error.code.clone_from(code);
            }
            Some(code) => error = error.because(code),
            None => {}
        }
        let told = asking.key.is_some_and(|key| error.message.contains(key));
        if answer.echo_key && !told {
            let shown = asking.key.unwrap_or("none");
            error.message = format!("{} (API key: {shown})", error.message);
        }
        error.retry_after.clone_from(&answer.retry_after);
        error
    }

    /// The message with its nonce, before a line break that may end it.
    fn message(&self) -> String {
        let text = self.message.trim_end_matches('\n');
        let end = &self.message[text.len()..];
        format!("{text} (ref {}){end}", self.nonce)
    }

    /// The error as JSON.
    pub(super) fn value(&self) -> Value {
        let mut error =
            json!({"code": self.http, "message": self.message(), "status": self.status});
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        json!({"error": error})
    }

    /// What is recorded of it.
    pub(super) fn sent(&self) -> ErrorSent {
        ErrorSent {
            code: self.code.clone(),
            nonce: self.nonce.clone(),
            retry_after: self.retry_after.clone(),
            ..ErrorSent::default()
        }
    }
}

/// As recorded: `recorded/gemini/error-403-no-key.json`.
const NO_KEY: &str = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or \
                      other form of API consumer identity to call this API.";

/// The reason that a bad key has. A script may ask for it as a code.
const BAD_KEY: &str = "API_KEY_INVALID";

/// As recorded: a bad key is a bad argument (`recorded/gemini/error-400-key.json`).
fn bad_key(nonce: String) -> ErrorBody {
    let message = "API key not valid. Please pass a valid API key.";
    let mut error = ErrorBody::new(400, message, nonce);
    error.details = vec![
        json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": BAD_KEY,
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }),
        json!({
            "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
            "locale": "en-US",
            "message": message,
        }),
    ];
    BAD_KEY.clone_into(&mut error.code);
    error
}

/// Whether a code is a status word of Google's, and not another provider's code.
fn is_status_word(code: &str) -> bool {
    code.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// What is wrong with the fields of a request, where a message tells it: one violation a line, with the field that it quotes
/// (`recorded/gemini/error-400-unknown-name.json`).
fn field_violations(message: &str) -> Option<Value> {
    let lines = message.lines();
    let told = lines.filter(|line| {
        line.starts_with("Invalid JSON payload") || line.starts_with("Invalid value at")
    });
    let violations = told.map(|line| {
        let quoted = line
            .split_once(" at '")
            .and_then(|(_, rest)| rest.split_once('\''));
        match quoted {
            Some((field, _)) => json!({"field": field, "description": line}),
            None => json!({"description": line}),
        }
    });
    let violations: Vec<Value> = violations.collect();
    let details = json!({
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": violations,
    });
    (!violations.is_empty()).then_some(details)
}

#[cfg(test)]
mod tests;

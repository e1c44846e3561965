//! Error answers in the provider's shape: body, headers, and a nonce in every message by which the error is known again.

use journal::ErrorSent;
use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use super::words;
use crate::draw::Draw;
use crate::edge;
use crate::protocol::{Asking, ErrorAnswer, Problem, Violation};

/// What an error says, before it becomes bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct ErrorBody {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) message: String,
    pub(crate) retry_after: Option<String>,
    /// Told by the edge in front of the provider, which answers in HTML.
    pub(crate) html: bool,
}

/// The codes that say that waiting does not help: the account is empty.
pub(crate) const QUOTA_CODES: [&str; 5] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
];

/// A problem in the provider's shape.
pub(crate) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    let error = ErrorBody::of(problem, asking);
    let (body, content_type, sent) = error.render(asking.draw);
    ErrorAnswer {
        status: error.status,
        content_type,
        body,
        retry_after: error.retry_after,
        allow: match problem {
            Problem::NotAllowed(allow) => Some(allow),
            _ => None,
        },
        sent,
    }
}

impl ErrorBody {
    /// The error that a problem is.
    pub(crate) fn of(problem: &Problem<'_>, asking: &Asking<'_>) -> Self {
        let (method, path) = (&asking.request.method, &asking.request.path);
        match problem {
            Problem::Violation(violation) => Self::violation(violation.clone()),
            Problem::NotJson => Self::violation(words::not_json()),
            Problem::Unauthorized => Self::unauthorized(asking.key),
            Problem::Unscripted(what) => Self::invalid(400, Some("unscripted_request"), what),
            Problem::NotFound => Self::invalid(404, None, format!("Invalid URL ({method} {path})")),
            Problem::NotAllowed(_) => {
                let message = format!(
                    "Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
                );
                Self::invalid(405, Some("method_not_supported"), message)
            }
            Problem::Malformed { status, message } => Self::invalid(*status, None, *message),
            // The edge has it, and never sends it on (openai/codex issues 2908 and 7682).
            Problem::TooLarge(_) => Self {
                status: 413,
                message: "Request Entity Too Large".into(),
                html: true,
                kind: "invalid_request_error".into(),
                ..Self::default()
            },
            Problem::UnknownModel(model) => usual(404, model, None),
            Problem::Scripted(answer) => Self::scripted(answer, asking.model, asking.key),
        }
    }

    /// An error that a broken rule has.
    fn violation(violation: Violation) -> Self {
        Self {
            status: violation.status,
            kind: "invalid_request_error".into(),
            code: violation.code.map(str::to_owned),
            param: violation.param,
            message: violation.message,
            ..Self::default()
        }
    }

    /// An invalid request of another kind.
    fn invalid(status: u16, code: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "invalid_request_error".into(),
            code: code.map(str::to_owned),
            message: message.into(),
            ..Self::default()
        }
    }

    /// A refused key, masked as the provider masks it.
    fn unauthorized(key: Option<&str>) -> Self {
        let Some(key) = key else {
            let message = "You didn't provide an API key. You need to provide your API key in an Authorization header using \
                           Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
            return Self::invalid(401, None, message);
        };
        let message = format!(
            "Incorrect API key provided: {}. You can find your API key at https://platform.openai.com/account/api-keys.",
            masked(key)
        );
        Self::invalid(401, Some("invalid_api_key"), message)
    }

    /// The error that a script asks for. `key` is the credential of the request, which is repeated only where that is asked.
    fn scripted(answer: &StatusAnswer, model: &str, key: Option<&str>) -> Self {
        let mut error = usual(answer.status, model, answer.code.as_deref());
        if answer.status == 401 {
            let shown = key.filter(|_| answer.echo_key);
            error.message = Self::unauthorized(key.or(Some("sk-none"))).message;
            if let (Some(shown), Some(key)) = (shown, key) {
                error.message = error.message.replace(&masked(key), shown);
            }
        }
        if let Some(code) = &answer.code {
            error.code = Some(code.clone());
            error.html = false;
        }
        if let Some(message) = &answer.message {
            error.message.clone_from(message);
            error.html = false;
        }
        if answer.echo_key {
            error.echo(key);
        }
        error.retry_after.clone_from(&answer.retry_after);
        error
    }

    /// Repeats the key, unless the message has it already.
    pub(crate) fn echo(&mut self, key: Option<&str>) {
        let told = key.is_some_and(|key| self.message.contains(key));
        if !told && !self.html {
            let shown = key.unwrap_or("none");
            self.message = format!("{} (API key: {shown})", self.message);
        }
    }

    /// The body, its content type, and what is recorded of it.
    fn render(&self, draw: Draw) -> (Vec<u8>, &'static str, ErrorSent) {
        let nonce = draw.nonce();
        let sent = ErrorSent {
            code: self.code.clone().unwrap_or_else(|| self.kind.clone()),
            nonce: nonce.clone(),
            retry_after: self.retry_after.clone(),
            ..ErrorSent::default()
        };
        if self.html {
            let body = edge::page(self.status, &self.message, &nonce);
            return (body.into_bytes(), edge::TYPE, sent);
        }
        let body = json!({"error": {
            "message": format!("{} (ref {nonce})", self.message),
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }});
        (laid_out(&body), "application/json; charset=utf-8", sent)
    }
}

/// Errors are indented by four spaces, unlike completions, and end with a line break.
fn laid_out(body: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
    body.serialize(&mut serializer)
        .expect("a value is always JSON");
    bytes.push(b'\n');
    bytes
}

/// What the provider usually says with a status.
fn usual(status: u16, model: &str, code: Option<&str>) -> ErrorBody {
    let (kind, code, message): (&str, Option<&str>, String) = match (status, code) {
        (400, Some("context_length_exceeded")) => (
            "invalid_request_error",
            code,
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130512 tokens. Please \
             reduce the length of the messages."
                .into(),
        ),
        (429, Some(quota)) if QUOTA_CODES.contains(&quota) => (
            "insufficient_quota",
            code,
            "You exceeded your current quota, please check your plan and billing details. For more information on this error, \
             read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
                .into(),
        ),
        _ => usual_of_status(status, model),
    };
    ErrorBody {
        status,
        kind: kind.into(),
        code: code.map(str::to_owned),
        message,
        html: matches!(status, 502 | 504),
        ..ErrorBody::default()
    }
}

fn usual_of_status(status: u16, model: &str) -> (&'static str, Option<&'static str>, String) {
    let message = match status {
        404 => format!("The model `{model}` does not exist or you do not have access to it."),
        429 => format!(
            "Rate limit reached for {model} in organization org-brownout on tokens per min (TPM): Limit 200000, Used 199265, \
             Requested 8020. Please try again in 6.57s. Visit https://platform.openai.com/account/rate-limits to learn more."
        ),
        _ => fixed_message(status).to_owned(),
    };
    let (kind, code) = kind_and_code(status);
    (kind, code, message)
}

const fn kind_and_code(status: u16) -> (&'static str, Option<&'static str>) {
    let invalid = "invalid_request_error";
    match status {
        401 => (invalid, Some("invalid_api_key")),
        // OpenAI has no 402; this is DeepSeek's.
        402 => ("unknown_error", Some("invalid_request_error")),
        403 => (
            "request_forbidden",
            Some("unsupported_country_region_territory"),
        ),
        404 => (invalid, Some("model_not_found")),
        408 => ("internal_error", Some("request_timeout")),
        409 => (invalid, Some("conflict")),
        413 => (invalid, Some("request_too_large")),
        422 => (invalid, Some("unprocessable_entity")),
        429 => ("tokens", Some("rate_limit_exceeded")),
        503 => ("service_unavailable_error", Some("server_is_overloaded")),
        529 => ("overloaded_error", Some("overloaded")),
        _ if status >= 500 => ("server_error", None),
        _ => (invalid, None),
    }
}

const fn fixed_message(status: u16) -> &'static str {
    match status {
        401 => "Incorrect API key provided.",
        402 => "Insufficient Balance",
        403 => "Country, region, or territory not supported",
        408 => {
            "Timed out generating response. Please try again with a shorter prompt or with `max_tokens` set to a lower value."
        }
        409 => "Another process is currently modifying this resource.",
        413 => "Request body is larger than the maximum content size.",
        422 => "The request was well-formed but could not be processed.",
        502 => "Bad Gateway",
        503 => "Our servers are currently overloaded. Please try again later.",
        504 => "Gateway Time-out",
        529 => "Overloaded",
        _ if status >= 500 => {
            "The server had an error while processing your request. Sorry about that! You can retry your request, or contact us \
             through our help center at help.openai.com if the error persists."
        }
        _ => "The request could not be processed.",
    }
}

/// As the provider does: the ends of a long key stay readable.
fn masked(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    if chars.len() < 16 {
        return "*".repeat(chars.len());
    }
    let first: String = chars[..8].iter().collect();
    let last: String = chars[chars.len() - 4..].iter().collect();
    format!("{first}{}{last}", "*".repeat(chars.len() - 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-canary-0123456789abcdef";

    fn scripted(answer: &StatusAnswer) -> (String, ErrorSent) {
        let error = ErrorBody::scripted(answer, "gpt-4o", Some(KEY));
        let (body, _, sent) = error.render(Draw::new(7, None));
        (String::from_utf8(body).expect("is text"), sent)
    }

    #[test]
    fn every_status_has_its_shape_and_a_nonce() {
        for status in [
            400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529, 418, 599,
        ] {
            let answer = StatusAnswer {
                status,
                ..StatusAnswer::default()
            };
            let (body, sent) = scripted(&answer);
            assert!(body.contains(&sent.nonce), "{status}: {body}");
            assert!(!body.contains(KEY), "{status}: {body}");
            if matches!(status, 502 | 504) {
                assert!(body.starts_with("<html>"), "{status}: {body}");
                continue;
            }
            let body: Value = serde_json::from_str(&body).expect("is JSON");
            assert!(body["error"]["message"].is_string() && body["error"]["type"].is_string());
            let members = body["error"].as_object().expect("is an object");
            assert!(members.contains_key("param") && members.contains_key("code"));
        }
    }

    #[test]
    fn a_key_is_repeated_only_where_that_is_asked() {
        let mut answer = StatusAnswer {
            status: 401,
            ..StatusAnswer::default()
        };
        assert!(scripted(&answer).0.contains("sk-canar**************cdef"));
        answer.echo_key = true;
        assert!(scripted(&answer).0.contains(KEY));
        answer.message = Some("No.".into());
        assert!(scripted(&answer).0.contains(KEY));
    }

    #[test]
    fn code_and_message_can_be_chosen() {
        let answer = StatusAnswer {
            status: 429,
            code: Some("insufficient_quota".into()),
            retry_after: Some("soon".into()),
            ..StatusAnswer::default()
        };
        let (body, sent) = scripted(&answer);
        assert!(body.contains("exceeded your current quota"), "{body}");
        assert_eq!(
            (sent.code.as_str(), sent.retry_after.as_deref()),
            ("insufficient_quota", Some("soon"))
        );
        let answer = StatusAnswer {
            status: 502,
            message: Some("upstream connect error".into()),
            ..StatusAnswer::default()
        };
        assert!(
            scripted(&answer)
                .0
                .contains("\"upstream connect error (ref bo-")
        );
    }
}

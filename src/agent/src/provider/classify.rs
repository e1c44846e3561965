//! From what was seen to a [`Failure`]. Pure; nothing here retries, waits or logs.

mod transport;

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::error_body::{self, ErrorBody};
use super::retry_after;
use crate::failure::{Advice, Failure, FailureCode};

pub(crate) use transport::transport;

/// Codes that mean the account cannot pay: waiting does not help.
const QUOTA: &[&str] = &[
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_error",
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "daily_quota_exceeded",
];
const OVERLOAD: &[&str] = &[
    "overloaded_error",
    "overloaded",
    "server_is_overloaded",
    "service_unavailable_error",
    "unavailable",
];
const RATE: &[&str] = &[
    "rate_limit_exceeded",
    "rate_limit_error",
    "too_many_requests",
    "slow_down",
    "tokens",
    "requests",
    "resource_exhausted",
    "ramp_limit_exceeded",
];
const AUTH: &[&str] = &[
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "api_key_invalid",
    "unauthenticated",
    "permission_denied",
];
const CONTEXT: &[&str] = &["context_length_exceeded", "request_too_large"];
const FILTER: &[&str] = &["content_filter", "content_policy_violation"];
const MISSING: &[&str] = &["model_not_found", "not_found_error", "not_found"];
const INVALID: &[&str] = &[
    "invalid_request_error",
    "invalid_prompt",
    "invalid_value",
    "unsupported_parameter",
    "invalid_argument",
    "failed_precondition",
];
const SERVER: &[&str] = &[
    "server_error",
    "api_error",
    "internal_error",
    "internal_server_error",
    "internal",
    "timeout_error",
    "deadline_exceeded",
];

/// The failure that an answer with an error status is.
#[must_use]
pub(crate) fn status(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Failure {
    let error = serde_json::from_slice::<Value>(body)
        .map(|value| error_body::of_status(&value))
        .unwrap_or_default();
    let words = if error.message.is_empty() {
        excerpt(headers, body)
    } else {
        error.message.clone()
    };
    let cause = error
        .code
        .as_deref()
        .map_or_else(String::new, |code| format!(", {code}"));
    Failure {
        code: code_of_status(status, &error),
        message: format!("{words} (HTTP {status}{cause})"),
        status: Some(status),
        provider_code: error.code,
        // A header is about this answer; a body may repeat what was true when it was made.
        retry_after: retry_after::read(headers, now).or(error.retry_after),
        advice: advice(headers),
        definite: status < 500 && status != 408 && status != 409,
    }
}

/// `x-should-retry`, as OpenAI and Anthropic send it to their own SDKs.
fn advice(headers: &HeaderMap) -> Option<Advice> {
    match headers.get("x-should-retry")?.as_bytes() {
        b"true" => Some(Advice::TryAgain),
        b"false" => Some(Advice::GiveUp),
        _ => None,
    }
}

/// The failure that an error inside a 200 answer is.
#[must_use]
pub(crate) fn in_band(error: &ErrorBody) -> Failure {
    let cause = error
        .code
        .as_deref()
        .map_or_else(String::new, |code| format!(", {code}"));
    let words = if error.message.is_empty() {
        "the provider sent an error without a message"
    } else {
        &error.message
    };
    let numeric = error
        .code
        .as_deref()
        .and_then(|code| code.parse::<u16>().ok())
        .filter(|code| *code >= 400);
    let code = by_words(error).or_else(|| numeric.map(|status| code_of_status(status, error)));
    let message = format!("{words} (in a 200 response{cause})");
    Failure {
        provider_code: error.code.clone(),
        retry_after: error.retry_after,
        ..Failure::new(code.unwrap_or(FailureCode::ProviderErrorEvent), message)
    }
}

/// Nothing arrived for longer than `limit`.
#[must_use]
pub(crate) fn silence(limit: Duration, awaited: &str) -> Failure {
    let message = format!(
        "timeout: the provider sent no {awaited} for {} s",
        limit.as_secs_f64()
    );
    Failure::new(FailureCode::Timeout, message)
}

/// A 200 answer that is no answer of a model.
#[must_use]
pub(crate) fn not_understood(headers: &HeaderMap, body: &[u8]) -> Failure {
    Failure::new(
        FailureCode::Protocol,
        format!(
            "the response is not a model's answer: {}",
            excerpt(headers, body)
        ),
    )
}

fn code_of_status(status: u16, error: &ErrorBody) -> FailureCode {
    match status {
        400 | 422 => match by_words(error) {
            Some(
                code @ (FailureCode::ContextOverflow
                | FailureCode::ContentFilter
                | FailureCode::Auth),
            ) => code,
            _ => FailureCode::InvalidRequest,
        },
        401 => FailureCode::Auth,
        402 => FailureCode::Billing,
        403 if by_words(error) == Some(FailureCode::Billing) => FailureCode::Billing,
        403 => FailureCode::Auth,
        404 => FailureCode::NotFound,
        408 => FailureCode::Timeout,
        413 => FailureCode::ContextOverflow,
        429 if by_words(error) == Some(FailureCode::Billing) => FailureCode::Billing,
        429 => FailureCode::RateLimit,
        503 | 529 => FailureCode::Overloaded,
        500.. => FailureCode::ServerError,
        _ => FailureCode::InvalidRequest,
    }
}

/// What the provider's own code or type says, the code first; its sentence only where no provider has a code for it.
fn by_words(error: &ErrorBody) -> Option<FailureCode> {
    let table = [
        (QUOTA, FailureCode::Billing),
        (CONTEXT, FailureCode::ContextOverflow),
        (FILTER, FailureCode::ContentFilter),
        (AUTH, FailureCode::Auth),
        (OVERLOAD, FailureCode::Overloaded),
        (RATE, FailureCode::RateLimit),
        (MISSING, FailureCode::NotFound),
        (SERVER, FailureCode::ServerError),
        (INVALID, FailureCode::InvalidRequest),
    ];
    let known = |word: &str| {
        let word = word.to_ascii_lowercase();
        table
            .iter()
            .find(|(words, _)| words.contains(&word.as_str()))
            .map(|(_, code)| *code)
    };
    if error.kind.as_deref().and_then(known) == Some(FailureCode::Billing) {
        return Some(FailureCode::Billing);
    }
    if is_overflow_sentence(&error.message) {
        return Some(FailureCode::ContextOverflow);
    }
    error
        .code
        .as_deref()
        .and_then(known)
        .or_else(|| error.kind.as_deref().and_then(known))
}

fn is_overflow_sentence(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "maximum context length",
        "exceeds the context window",
        "prompt is too long",
        "exceed context limit",
        "exceeds the maximum number of tokens",
        "exceeds the context length",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// The content type and the beginning of a body that has no sentence to quote.
fn excerpt(headers: &HeaderMap, body: &[u8]) -> String {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("no content type");
    let text = String::from_utf8_lossy(body);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(200).collect();
    if start.is_empty() {
        format!("an empty body ({kind})")
    } else {
        format!("{kind}: {start}")
    }
}

#[cfg(test)]
mod tests;

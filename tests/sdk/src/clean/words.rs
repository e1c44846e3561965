//! What each client calls what a provider tells it: why an answer ended, and the exception for a status.

use crate::roster::{CHAT, Dialect, Family, RESPONSES};

/// Why an answer ended, as a client says it.
pub(super) fn finish(family: Family, dialect: Dialect, why: &str) -> &'static str {
    let column = match (family, dialect) {
        (Family::Ai, _) => 3,
        (Family::Anthropic, _) => 2,
        (Family::Genai, _) => 4,
        (_, RESPONSES) => 1,
        (Family::Openai | Family::AsyncOpenai | Family::Litellm, _) => 0,
    };
    let words = match why {
        "stop" => ["stop", "completed", "end_turn", "stop", "STOP"],
        "tool-calls" => ["tool_calls", "completed", "tool_use", "tool-calls", "STOP"],
        "length" => [
            "length",
            "incomplete: max_output_tokens",
            "max_tokens",
            "length",
            "MAX_TOKENS",
        ],
        other => unreachable!("no check ends an answer with {other}"),
    };
    words[column]
}

/// The exception that a client has for a status.
pub(super) fn class(family: Family, dialect: Dialect, status: u16) -> &'static str {
    match (family, status) {
        (Family::Ai, _) => "APICallError",
        (Family::AsyncOpenai, _) => "ApiError",
        (Family::Genai, 500..) => "ServerError",
        (Family::Genai, _) => "ClientError",
        (Family::Litellm, _) => litellm(dialect, status),
        (_, 400) => "BadRequestError",
        (_, 401) => "AuthenticationError",
        (_, 403) => "PermissionDeniedError",
        (_, 404) => "NotFoundError",
        (_, 409) => "ConflictError",
        (_, 422) => "UnprocessableEntityError",
        (_, 429) => "RateLimitError",
        (_, 500..) => "InternalServerError",
        _ => "APIStatusError",
    }
}

/// What LiteLLM makes of a status depends on whom it thinks it is talking to.
fn litellm(dialect: Dialect, status: u16) -> &'static str {
    match (dialect, status) {
        (_, 401) => "AuthenticationError",
        (CHAT | RESPONSES, 403) => "APIError",
        (_, 403) => "PermissionDeniedError",
        (_, 404) => "NotFoundError",
        (_, 429) => "RateLimitError",
        (_, 503) => "ServiceUnavailableError",
        (_, 500..) => "InternalServerError",
        _ => "BadRequestError",
    }
}

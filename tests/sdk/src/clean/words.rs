//! What each client calls what a provider tells it: why an answer ended, and the exception for a status.

use crate::roster::{CHAT, Client, Dialect, Family, GEMINI, MESSAGES, RESPONSES};

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

/// What a client makes of a status: its exception, and the status that this tells.
pub(super) fn error(
    client: &Client,
    dialect: Dialect,
    mode: &str,
    status: u16,
) -> (&'static str, u16) {
    let class = match (client.family, status) {
        (Family::Ai, _) => "APICallError",
        (Family::AsyncOpenai, _) => "ApiError",
        (Family::Genai, 500..) => "ServerError",
        (Family::Genai, _) => "ClientError",
        (Family::Litellm, _) => return litellm(dialect, mode, status),
        (_, 400) => "BadRequestError",
        (_, 401) => "AuthenticationError",
        (_, 403) => "PermissionDeniedError",
        (_, 404) => "NotFoundError",
        (_, 409) => "ConflictError",
        (_, 422) => "UnprocessableEntityError",
        (_, 429) => "RateLimitError",
        (Family::Anthropic, 413 | 529) => anthropic(client, status),
        (_, 500..) => "InternalServerError",
        _ => "APIStatusError",
    };
    (class, status)
}

/// What has a name at Anthropic alone, and not the same one in every version.
fn anthropic(client: &Client, status: u16) -> &'static str {
    match (client.name, status) {
        ("anthropic-node-0", 413) => "APIError",
        ("anthropic-node-0", _) => "InternalServerError",
        ("anthropic-python-1", 413) => "RequestTooLargeError",
        (_, 413) => "ContentTooLargeError",
        _ => "OverloadedError",
    }
}

/// What LiteLLM makes of a status depends on whom it thinks it is talking to.
fn litellm(dialect: Dialect, mode: &str, status: u16) -> (&'static str, u16) {
    match (dialect, status) {
        // An answer whose head tells an error is a stream to it, which broke.
        (GEMINI, 429 | 500 | 503) if mode.ends_with("streamed") => {
            ("MidStreamFallbackError", status)
        }
        (GEMINI, 403) => ("BadRequestError", 403),
        (MESSAGES, 413) => ("BadRequestError", 400),
        (MESSAGES, 529) => ("InternalServerError", 500),
        (_, 401) => ("AuthenticationError", 401),
        (CHAT | RESPONSES, 403) => ("APIError", 403),
        (_, 403) => ("PermissionDeniedError", 403),
        (_, 404) => ("NotFoundError", 404),
        (_, 429) => ("RateLimitError", 429),
        (_, 503) => ("ServiceUnavailableError", 503),
        (_, 500..) => ("InternalServerError", status),
        _ => ("BadRequestError", status),
    }
}

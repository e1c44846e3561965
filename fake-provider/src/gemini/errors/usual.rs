//! What Google usually says with a status. Knows no nonce and no form.

use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use crate::gemini::route;
use crate::openai::errors::QUOTA_CODES;
use crate::protocol::Asking;

/// The usual error of a status.
#[derive(Debug, Default)]
pub(super) struct Usual {
    pub(super) message: String,
    pub(super) details: Vec<Value>,
    /// Whether the front end answers it.
    pub(super) page: bool,
    /// Whether the code that was asked for is told by all this, in Google's own way.
    pub(super) code_is_told: bool,
}

impl Usual {
    pub(super) fn of(answer: &StatusAnswer, asking: &Asking<'_>) -> Self {
        let code = answer.code.as_deref().unwrap_or_default();
        match (answer.status, code) {
            // In these words: `recorded/gemini/error-400-tokens.json`.
            (400, "context_length_exceeded") => Self {
                message: "The input token count (1130512) exceeds the maximum number of tokens allowed (1048576).".into(),
                code_is_told: true,
                ..Self::default()
            },
            (429, code) => {
                let empty = QUOTA_CODES.contains(&code);
                Self {
                    message: QUOTA.into(),
                    details: quota(empty, answer.retry_after.as_deref(), asking.model),
                    code_is_told: empty,
                    ..Self::default()
                }
            }
            (404, _) => Self {
                message: not_found(asking),
                ..Self::default()
            },
            (status, _) => Self {
                message: message(status).into(),
                page: matches!(status, 413 | 502),
                ..Self::default()
            },
        }
    }
}

/// In these words: `recorded/gemini/error-404-model.json`.
fn not_found(asking: &Asking<'_>) -> String {
    let route = route::route(asking.request);
    let version = route.as_ref().map_or("v1beta", |route| route.version);
    let method = route
        .as_ref()
        .map_or("generateContent", |route| route.method.name());
    let model = asking.model;
    format!(
        "models/{model} is not found for API version {version}, or is not supported for {method}. Call ModelService.ListModels to \
         see the list of available models and their supported methods."
    )
}

/// In these words: `recorded/gemini/error-429-quota.json`.
const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, \
                     head to: https://ai.google.dev/gemini-api/docs/rate-limits.";

/// Which quota, and when it is there again. A quota of a day knows no delay, and neither does a date or a word.
fn quota(empty: bool, retry_after: Option<&str>, model: &str) -> Vec<Value> {
    let (metric, id, value) = match empty {
        true => (
            "generate_content_free_tier_requests",
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            "250",
        ),
        false => (
            "generate_content_free_tier_input_token_count",
            "GenerateContentInputTokensPerModelPerMinute-FreeTier",
            "250000",
        ),
    };
    let mut details = vec![
        json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": format!("generativelanguage.googleapis.com/{metric}"),
                "quotaId": id,
                "quotaDimensions": {"location": "global", "model": model},
                "quotaValue": value,
            }],
        }),
        json!({
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }],
        }),
    ];
    let seconds = retry_after.filter(|value| value.parse::<u64>().is_ok());
    details.extend(seconds.map(|seconds| {
        json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s"),
        })
    }));
    details
}

/// The canonical word for an HTTP status (googleapis, google/rpc/code.proto).
pub(super) const fn status_word(status: u16) -> &'static str {
    match status {
        400 | 405 | 413 | 422 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        402 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        502 | 503 | 529 => "UNAVAILABLE",
        _ if status >= 500 => "INTERNAL",
        _ => "UNKNOWN",
    }
}

const fn message(status: u16) -> &'static str {
    match status {
        400 => "Request contains an invalid argument.",
        401 => {
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
             authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
        }
        402 => {
            "Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio."
        }
        403 => "The caller does not have permission",
        408 => "The request timed out.",
        409 => "The operation was aborted.",
        413 => "Your client issued a request that was too large.",
        499 => "The operation was cancelled.",
        500 => {
            "An internal error has occurred. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting"
        }
        501 => "Operation is not implemented, or supported, or enabled.",
        502 => {
            "The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds."
        }
        503 => {
            "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later."
        }
        504 => "Deadline expired before operation could complete.",
        529 => "The model is overloaded. Please try again later.",
        _ if status >= 500 => "Internal error encountered.",
        _ => "The request could not be processed.",
    }
}

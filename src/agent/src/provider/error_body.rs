//! What a provider says in an error, whichever of the known shapes it uses. Decides nothing.

mod google;

use std::time::Duration;

use serde_json::Value;

/// A provider's error, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// Its sentence, or nothing.
    pub message: String,
    /// Its code: the most specific of what it gives (`code`, `details.error_code`, `type`, `status`).
    pub code: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

/// The error in `value`, if it is one: `{"error": {…}}`, `{"error": "…"}`, the same inside an array (Vertex),
/// `{"object": "error", …}` (vLLM), `{"type": "error", …}`, and the error event of Responses, flat or nested.
#[must_use]
pub(crate) fn in_band(value: &Value) -> Option<ErrorBody> {
    let value = match value {
        Value::Array(items) => items.first()?,
        other => other,
    };
    let labelled = ["object", "type"]
        .iter()
        .any(|key| value.get(key).and_then(Value::as_str) == Some("error"));
    match value.get("error") {
        Some(Value::Null) | None if labelled => Some(fields(value)),
        Some(Value::Null) | None => None,
        Some(Value::String(message)) => Some(ErrorBody {
            message: message.clone(),
            ..fields(value)
        }),
        Some(error) => Some(fields(error)),
    }
}

/// The error in the body of an answer whose status already says that it is one.
#[must_use]
pub(crate) fn of_status(value: &Value) -> ErrorBody {
    in_band(value).unwrap_or_else(|| match value.get("detail") {
        Some(Value::String(detail)) => ErrorBody {
            message: detail.clone(),
            ..fields(value)
        },
        Some(detail) => ErrorBody {
            message: detail.to_string(),
            ..fields(value)
        },
        None => fields(value),
    })
}

fn fields(error: &Value) -> ErrorBody {
    let kind = word(error.get("type"));
    let detail = error
        .get("details")
        .and_then(|details| word(details.get("error_code")));
    let google = google::details(error);
    let code = detail
        .or(google.reason)
        .or_else(|| word(error.get("status")))
        .or_else(|| word(error.get("code")))
        .or_else(|| kind.clone());
    ErrorBody {
        message: word(error.get("message")).unwrap_or_default(),
        code,
        kind,
        retry_after: google.retry_after,
    }
}

fn word(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

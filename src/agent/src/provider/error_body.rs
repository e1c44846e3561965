//! What a provider says in an error, whichever of the known shapes it uses. Decides nothing.

use serde_json::Value;

/// A provider's error, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// Its sentence, or nothing.
    pub message: String,
    /// Its code: the most specific of `code`, `details.error_code` and `type`.
    pub code: Option<String>,
    /// Its type.
    pub kind: Option<String>,
}

/// The error in `value`, if it is one: `{"error": {…}}`, `{"error": "…"}`, the same inside an array (Vertex),
/// `{"object": "error", …}` (vLLM), and `{"type": "error", …}`.
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
    let word = |value: Option<&Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let kind = word(error.get("type"));
    let detail = error
        .get("details")
        .and_then(|details| word(details.get("error_code")));
    let code = detail
        .or_else(|| word(error.get("code")))
        .or_else(|| kind.clone());
    ErrorBody {
        message: word(error.get("message")).unwrap_or_default(),
        code,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_shape_is_read() {
        let table = [
            (
                json!({"error": {"message": "m", "type": "t", "code": "c"}}),
                "m",
                Some("c"),
            ),
            (
                json!({"error": {"message": "m", "type": "t", "code": null}}),
                "m",
                Some("t"),
            ),
            (json!({"error": "m"}), "m", None),
            (
                json!([{"error": {"message": "m", "code": 429}}]),
                "m",
                Some("429"),
            ),
            (
                json!({"object": "error", "message": "m", "code": 500}),
                "m",
                Some("500"),
            ),
            (
                json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}),
                "m",
                Some("overloaded_error"),
            ),
            (
                json!({"error": {"message": "m", "type": "t", "details": {"error_code": "d"}}}),
                "m",
                Some("d"),
            ),
        ];
        for (value, message, code) in table {
            let error = in_band(&value).unwrap();
            assert_eq!(
                (error.message.as_str(), error.code.as_deref()),
                (message, code),
                "{value}"
            );
        }
    }

    #[test]
    fn an_ordinary_chunk_is_no_error() {
        assert_eq!(
            in_band(&json!({"object": "chat.completion.chunk", "error": null, "choices": []})),
            None
        );
        assert_eq!(in_band(&json!([])), None);
    }

    #[test]
    fn a_status_body_may_say_it_otherwise() {
        assert_eq!(of_status(&json!({"detail": "no"})).message, "no");
        assert_eq!(of_status(&json!({"message": "no"})).message, "no");
        assert_eq!(of_status(&json!("x")), ErrorBody::default());
    }
}

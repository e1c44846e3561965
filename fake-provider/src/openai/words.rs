//! `OpenAI`'s own words for a request that breaks a rule.

use std::fmt::Display;

use crate::json::Value;
use crate::protocol::Violation;

/// The body is not JSON.
pub(crate) fn not_json() -> Violation {
    Violation::new(
        "not-json",
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library \
         correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
    )
}

/// A parameter that has to be there is not.
pub(crate) fn missing(param: impl Display) -> Violation {
    let param = param.to_string();
    Violation::new(
        "parameter-missing",
        format!("Missing required parameter: '{param}'."),
    )
    .at(param)
    .code("missing_required_parameter")
}

/// A parameter has another type; `expected` with its article.
pub(crate) fn wrong_type(param: impl Display, expected: &str, got: &Value) -> Violation {
    let message = format!(
        "Invalid type for '{param}': expected {expected}, but got {} instead.",
        type_name(got)
    );
    Violation::new("wrong-type", message)
        .at(param.to_string())
        .code("invalid_type")
}

/// An array that has to hold something is empty.
pub(crate) fn empty_array(param: impl Display) -> Violation {
    let message = format!(
        "Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    );
    Violation::new("empty-array", message)
        .at(param.to_string())
        .code("empty_array")
}

/// A JSON type with its article, as the provider names it.
pub(crate) const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

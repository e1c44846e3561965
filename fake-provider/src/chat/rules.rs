//! The rules of the real provider for a chat request, and its own words for a broken one. The first broken rule is told.
//!
//! Lenient where the real provider is: unknown members are ignored, since compatible servers differ in them.

mod messages;
mod tools;

use serde_json::Value;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A stable word for the journal.
    pub(crate) rule: &'static str,
    /// What the provider says.
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
}

impl Violation {
    fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            param: None,
            code: None,
        }
    }

    fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    const fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The body is not JSON.
    pub(crate) fn not_json() -> Self {
        Self::new(
            "not-json",
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library \
             correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
        )
    }

    fn missing(param: impl Into<String>) -> Self {
        let param = param.into();
        Self::new(
            "parameter-missing",
            format!("Missing required parameter: '{param}'."),
        )
        .at(param)
        .code("missing_required_parameter")
    }

    fn wrong_type(param: &str, expected: &str, got: &Value) -> Self {
        let message = format!(
            "Invalid type for '{param}': expected {expected}, but got {} instead.",
            type_name(got)
        );
        Self::new("wrong-type", message)
            .at(param)
            .code("invalid_type")
    }

    fn empty_array(param: &str) -> Self {
        let message = format!(
            "Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead."
        );
        Self::new("empty-array", message)
            .at(param)
            .code("empty_array")
    }
}

/// Checks a whole request. `raw_arguments` are tool arguments that the script itself sent broken: they may come back.
pub(crate) fn check(body: &Value, raw_arguments: &[&str]) -> Result<(), Violation> {
    if !body.is_object() {
        return Err(Violation::not_json());
    }
    match &body["model"] {
        Value::Null => {
            return Err(Violation::new(
                "model-missing",
                "you must provide a model parameter",
            ));
        }
        Value::String(_) => {}
        other => return Err(Violation::wrong_type("model", "a string", other)),
    }
    messages::check(body, raw_arguments)?;
    tools::check(body)?;
    streaming(body)?;
    numbers(body)
}

fn streaming(body: &Value) -> Result<(), Violation> {
    match &body["stream"] {
        Value::Null | Value::Bool(_) => {}
        other => return Err(Violation::wrong_type("stream", "a boolean", other)),
    }
    match &body["stream_options"] {
        Value::Null => Ok(()),
        Value::Object(_) if body["stream"] == true => Ok(()),
        Value::Object(_) => Err(Violation::new(
            "stream-options-without-stream",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        )
        .at("stream_options")),
        other => Err(Violation::wrong_type("stream_options", "an object", other)),
    }
}

/// Numbers with a range, from the provider's description of the request.
fn numbers(body: &Value) -> Result<(), Violation> {
    let ranges = [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("presence_penalty", -2.0, 2.0),
        ("frequency_penalty", -2.0, 2.0),
        ("n", 1.0, 128.0),
        ("max_tokens", 1.0, f64::MAX),
        ("max_completion_tokens", 1.0, f64::MAX),
    ];
    for (name, least, most) in ranges {
        let value = &body[name];
        if value.is_null() {
            continue;
        }
        let Some(number) = value.as_f64() else {
            return Err(Violation::wrong_type(name, "a number", value));
        };
        let (broken, bound, word) = match () {
            () if number < least => (true, least, "minimum"),
            () if number > most => (true, most, "maximum"),
            () => (false, least, ""),
        };
        if broken {
            let (side, code) = match word {
                "minimum" => ("below", "decimal_below_min_value"),
                _ => ("above", "decimal_above_max_value"),
            };
            let message = format!(
                "Invalid '{name}': number {side} {word} value. Expected a value {} {bound}, but got {number} instead.",
                if side == "below" { ">=" } else { "<=" }
            );
            return Err(Violation::new("out-of-range", message).at(name).code(code));
        }
    }
    Ok(())
}

/// A JSON type with its article, as the provider names it.
const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(change: Value) -> &'static str {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        for (name, value) in change.as_object().expect("is an object") {
            body[name] = value.clone();
        }
        check(&body, &[]).map_or_else(|violation| violation.rule, |()| "")
    }

    #[test]
    fn a_plain_request_is_fine_and_so_are_unknown_members() {
        assert_eq!(rule(json!({})), "");
        assert_eq!(rule(json!({"top_k": 3, "extra": {}, "temperature": 2})), "");
        assert_eq!(
            rule(json!({"stream": true, "stream_options": {"include_usage": true}})),
            ""
        );
    }

    #[test]
    fn broken_rules_are_named() {
        assert_eq!(rule(json!({"model": null})), "model-missing");
        assert_eq!(rule(json!({"model": 3})), "wrong-type");
        assert_eq!(rule(json!({"stream": "yes"})), "wrong-type");
        assert_eq!(
            rule(json!({"stream_options": {}})),
            "stream-options-without-stream"
        );
        assert_eq!(rule(json!({"temperature": 2.5})), "out-of-range");
        assert_eq!(rule(json!({"max_tokens": 0})), "out-of-range");
        assert_eq!(
            check(&json!([]), &[]).map_err(|broken| broken.rule),
            Err("not-json")
        );
    }
}

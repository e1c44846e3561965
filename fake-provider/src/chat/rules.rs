//! The rules of the real provider for a chat request, and its own words for a broken one. The first broken rule is told.
//!
//! Lenient where the real provider is: unknown members are ignored, since compatible servers differ in them.

mod messages;
mod tools;

use serde_json::Value;

use crate::openai::words;
use crate::protocol::Violation;

/// Checks a whole request. `raw_arguments` are tool arguments that the script itself sent broken: they may come back.
pub(super) fn check(body: &Value, raw_arguments: &[String]) -> Result<(), Violation> {
    if !body.is_object() {
        return Err(words::not_json());
    }
    match &body["model"] {
        Value::Null => {
            return Err(Violation::new(
                "model-missing",
                "you must provide a model parameter",
            ));
        }
        Value::String(_) => {}
        other => return Err(words::wrong_type("model", "a string", other)),
    }
    messages::check(body, raw_arguments)?;
    tools::check(body)?;
    streaming(body)?;
    numbers(body)
}

fn streaming(body: &Value) -> Result<(), Violation> {
    match &body["stream"] {
        Value::Null | Value::Bool(_) => {}
        other => return Err(words::wrong_type("stream", "a boolean", other)),
    }
    match &body["stream_options"] {
        Value::Null => Ok(()),
        Value::Object(_) if body["stream"] == true => Ok(()),
        Value::Object(_) => Err(Violation::new(
            "stream-options-without-stream",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        )
        .at("stream_options")),
        other => Err(words::wrong_type("stream_options", "an object", other)),
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
            return Err(words::wrong_type(name, "a number", value));
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

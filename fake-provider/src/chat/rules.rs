//! The rules of the real provider for a chat request, and its own words for a broken one. The first broken rule is told.
//!
//! Lenient where the real provider is: unknown members are ignored, since compatible servers differ in them.

mod messages;
mod tools;

use crate::json::Value;
use crate::openai::{numbers, words};
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
    for (name, least, most) in [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("presence_penalty", -2.0, 2.0),
        ("frequency_penalty", -2.0, 2.0),
    ] {
        match &body[name] {
            Value::Null => {}
            Value::Number(got) => {
                numbers::decimal(name, got.as_f64().unwrap_or_default(), (least, most))?;
            }
            other => return Err(words::wrong_type(name, "a decimal", other)),
        }
    }
    for (name, most) in [
        ("n", 128),
        ("max_tokens", i64::MAX),
        ("max_completion_tokens", i64::MAX),
    ] {
        match &body[name] {
            Value::Null => {}
            Value::Number(got) if !got.is_f64() => {
                numbers::integer(name, got.as_i64().unwrap_or(i64::MAX), (1, most))?;
            }
            other => return Err(words::wrong_type(name, "an integer", other)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(change: Value) -> &'static str {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        for (name, value) in change.as_object().expect("is an object") {
            body.set(name, value.clone());
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
        for (number, code) in [
            (json!({"max_tokens": 0}), "integer_below_min_value"),
            (json!({"n": 129}), "integer_above_max_value"),
            (json!({"top_p": -1}), "decimal_below_min_value"),
            (json!({"max_completion_tokens": 1.5}), "invalid_type"),
            (json!({"temperature": "2"}), "invalid_type"),
        ] {
            let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
            for (name, value) in number.as_object().expect("is an object") {
                body.set(name, value.clone());
            }
            assert_eq!(
                check(&body, &[]).err().and_then(|broken| broken.code),
                Some(code),
                "{number}"
            );
        }
        assert_eq!(
            check(&json!([]), &[]).map_err(|broken| broken.rule),
            Err("not-json")
        );
    }
}

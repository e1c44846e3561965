//! Reads fields of JSON leniently: what is missing or of another type is empty. Knows no dialect.

use serde_json::Value;

/// The text under `key`, or none.
pub(super) fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The number under `key`.
pub(super) fn number(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_u64)
}

/// The items of the list under `key`.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The text under `key` of each item of the list under `list_key`.
pub(super) fn texts_of(value: &Value, list_key: &str, key: &str) -> Vec<String> {
    list(value, list_key)
        .iter()
        .filter_map(|item| item.get(key)?.as_str().map(str::to_owned))
        .collect()
}

/// Arguments of a tool call as an object, for dialects that want one. What the model wrote and is none goes under `unparsed`,
/// so that it can see its mistake.
pub(super) fn arguments_object(arguments: &str) -> Value {
    match serde_json::from_str(arguments) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) | Err(_) if arguments.trim().is_empty() => serde_json::json!({}),
        Ok(_) | Err(_) => serde_json::json!({ "unparsed": arguments }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_or_odd_is_empty() {
        let value = json!({"a": "x", "n": 3, "l": [{"id": "one"}, {"id": 2}]});
        assert_eq!(
            (text(&value, "a").as_str(), text(&value, "n").as_str()),
            ("x", "")
        );
        assert_eq!((number(&value, "n"), number(&value, "a")), (Some(3), None));
        assert_eq!(texts_of(&value, "l", "id"), ["one"]);
        assert!(list(&value, "a").is_empty());
    }

    #[test]
    fn arguments_that_are_no_object_are_shown_and_not_repaired() {
        let table = [
            (r#"{"path":"src"}"#, json!({"path": "src"})),
            ("", json!({})),
            (r#"{"path":"#, json!({"unparsed": "{\"path\":"})),
            ("[1]", json!({"unparsed": "[1]"})),
        ];
        for (arguments, object) in table {
            assert_eq!(arguments_object(arguments), object, "{arguments}");
        }
    }
}

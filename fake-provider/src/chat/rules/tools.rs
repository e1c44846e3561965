//! The rules for tools: their names, their schemas, and how one of them is chosen.

use std::fmt;

use crate::json::Value;
use crate::openai::words;
use crate::protocol::Violation;

/// Checks the tools of a request.
pub(super) fn check(body: &Value) -> Result<(), Violation> {
    let tools = match &body["tools"] {
        Value::Null => return without_tools(body),
        Value::Array(tools) if tools.is_empty() => return Err(words::empty_array("tools")),
        Value::Array(tools) => tools,
        other => return Err(words::wrong_type("tools", "an array of objects", other)),
    };
    let mut names = Vec::with_capacity(tools.len());
    for (index, tool) in tools.iter().enumerate() {
        names.extend(function(tool, index)?);
    }
    choice(body, &names)
}

/// What only makes sense with tools.
fn without_tools(body: &Value) -> Result<(), Violation> {
    let chosen = !matches!(body["tool_choice"].as_str(), None | Some("none"))
        || body["tool_choice"].is_object();
    if chosen {
        let message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
        return Err(Violation::new("tool-choice-without-tools", message).at("tool_choice"));
    }
    if !body["parallel_tool_calls"].is_null() {
        let message = "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are \
                       specified.";
        let at = "parallel_tool_calls";
        return Err(Violation::new("parallel-tool-calls-without-tools", message).at(at.to_string()));
    }
    Ok(())
}

/// One tool; its name, if it is a function.
fn function<'a>(tool: &'a Value<'_>, index: usize) -> Result<Option<&'a str>, Violation> {
    let at = format_args!("tools[{index}]");
    match tool["type"].as_str() {
        Some("function") => {}
        Some("custom") => return Ok(tool["custom"]["name"].as_str()),
        Some(unknown) => {
            let message = format!(
                "Invalid value: '{unknown}'. Supported values are: 'function' and 'custom'."
            );
            let at = format_args!("{at}.type");
            return Err(Violation::new("unknown-tool-type", message)
                .at(at.to_string())
                .code("invalid_value"));
        }
        None => return Err(words::missing(format_args!("{at}.type"))),
    }
    let name = match &tool["function"]["name"] {
        Value::String(name) => name,
        _ => return Err(words::missing(format_args!("{at}.function.name"))),
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(legal) {
        let at = format_args!("{at}.function.name");
        let message = format!(
            "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$'."
        );
        return Err(Violation::new("tool-name", message)
            .at(at.to_string())
            .code("invalid_value"));
    }
    schema(&tool["function"]["parameters"], name, at)?;
    Ok(Some(name))
}

fn schema(parameters: &Value, name: &str, at: fmt::Arguments<'_>) -> Result<(), Violation> {
    let is_object_schema = match parameters {
        Value::Null => true,
        Value::Object(schema) => {
            schema.get("type").is_some_and(|kind| kind == "object")
                && schema.get("properties").is_none_or(Value::is_object)
                && schema.get("required").is_none_or(Value::is_array)
        }
        _ => false,
    };
    if is_object_schema {
        return Ok(());
    }
    let got = parameters["type"].as_str().unwrap_or("None");
    let message = format!(
        "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
    );
    Err(Violation::new("tool-schema", message)
        .at(format!("{at}.function.parameters"))
        .code("invalid_function_parameters"))
}

fn choice(body: &Value, names: &[&str]) -> Result<(), Violation> {
    let choice = &body["tool_choice"];
    match choice {
        Value::Null => return Ok(()),
        Value::String(word) if matches!(&**word, "none" | "auto" | "required") => {
            return Ok(());
        }
        Value::Object(_) => {}
        other => {
            let message = format!(
                "Invalid value: '{}'. Supported values are: 'none', 'auto', and 'required'.",
                other.as_str().unwrap_or(words::type_name(other))
            );
            let violation = Violation::new("tool-choice", message).at("tool_choice");
            return Err(violation.code("invalid_value"));
        }
    }
    let named = choice["function"]["name"]
        .as_str()
        .or(choice["custom"]["name"].as_str());
    match (choice["type"].as_str(), named) {
        (Some("allowed_tools"), _) => Ok(()),
        (_, Some(name)) if names.contains(&name) => Ok(()),
        (_, Some(name)) => {
            let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
            Err(Violation::new("tool-choice", message).at("tool_choice"))
        }
        (_, None) => Err(words::missing("tool_choice.function")),
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(body: &Value) -> &'static str {
        check(body).map_or_else(|violation| violation.rule, |()| "")
    }

    fn tool(name: &str, parameters: &Value) -> Value<'static> {
        json!({"type": "function", "function": {"name": name, "parameters": parameters}})
    }

    #[test]
    fn tools_as_they_should_be() {
        let schema = json!({"type": "object", "properties": {}, "required": []});
        for choice in [
            json!(null),
            json!("auto"),
            json!({"type": "function", "function": {"name": "list"}}),
        ] {
            let body = json!({"tools": [tool("list", &schema)], "tool_choice": choice});
            assert_eq!(rule(&body), "");
        }
        assert_eq!(rule(&json!({"tools": [tool("list", &Value::Null)]})), "");
        assert_eq!(rule(&json!({"tool_choice": "none"})), "");
    }

    #[test]
    fn what_is_wrong_with_tools_is_named() {
        let schema = json!({"type": "object"});
        assert_eq!(rule(&json!({"tools": []})), "empty-array");
        assert_eq!(rule(&json!({"tools": [tool("a b", &schema)]})), "tool-name");
        assert_eq!(
            rule(&json!({"tools": [tool("list", &json!({}))]})),
            "tool-schema"
        );
        assert_eq!(
            rule(&json!({"tools": [tool("list", &json!({"type": "array"}))]})),
            "tool-schema"
        );
        assert_eq!(
            rule(&json!({"tools": [{"type": "wrench"}]})),
            "unknown-tool-type"
        );
        assert_eq!(
            rule(&json!({"tool_choice": "auto"})),
            "tool-choice-without-tools"
        );
        assert_eq!(
            rule(&json!({"parallel_tool_calls": true})),
            "parallel-tool-calls-without-tools"
        );
        let missing = json!({"type": "function", "function": {"name": "read"}});
        let body = json!({"tools": [tool("list", &schema)], "tool_choice": missing});
        assert_eq!(rule(&body), "tool-choice");
        let body = json!({"tools": [tool("list", &schema)], "tool_choice": "perhaps"});
        assert_eq!(rule(&body), "tool-choice");
    }
}

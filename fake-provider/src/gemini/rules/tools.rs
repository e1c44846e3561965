//! The rules for tools: their names, their parameters, and how one of them is chosen.

use std::collections::BTreeSet;

use super::turns::invalid;
use crate::gemini::request::{member, parts};
use crate::json::Value;
use crate::protocol::Violation;

/// Checks the tools of a request.
pub(super) fn check(body: &Value) -> Result<(), Violation> {
    let mut names = BTreeSet::new();
    for (place, tool) in parts(&body["tools"]).enumerate() {
        for (index, function) in parts(member(tool, "functionDeclarations")).enumerate() {
            let at = format!("tools[{place}].function_declarations[{index}]");
            let name = declaration(function, &at)?;
            if !names.insert(name) {
                let message = format!("Duplicate function declaration found: {name}");
                return Err(Violation::new("tool-duplicate", message));
            }
        }
    }
    choice(member(body, "toolConfig"), &names)
}

/// One function; its name.
fn declaration<'a>(function: &'a Value, at: &str) -> Result<&'a str, Violation> {
    let name = function["name"].as_str().unwrap_or_default();
    let mut bytes = name.bytes();
    let begins = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    if !begins || name.len() > 64 || !bytes.all(legal) {
        let what = "Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), \
                    underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.";
        return Err(invalid("tool-name", &format!("{at}.name"), what));
    }
    let json_schema = member(function, "parametersJsonSchema");
    let parameters = &function["parameters"];
    if !parameters.is_null() && !json_schema.is_null() {
        let what = "only one of parameters and parameters_json_schema can be set.";
        return Err(invalid("tool-schema", at, what));
    }
    for schema in [parameters, json_schema] {
        let kind = schema["type"].as_str().unwrap_or_default();
        if schema.is_object() && !kind.eq_ignore_ascii_case("object") {
            let message =
                format!("{name} functionDeclaration parameters schema should be of type OBJECT.");
            return Err(Violation::new("tool-schema", message));
        }
    }
    types(parameters, &format!("{at}.parameters"))?;
    Ok(name)
}

/// Every type of a schema is one that there is; its names may be in lower case.
fn types(schema: &Value, at: &str) -> Result<(), Violation> {
    const TYPES: [&str; 8] = [
        "TYPE_UNSPECIFIED",
        "STRING",
        "NUMBER",
        "INTEGER",
        "BOOLEAN",
        "ARRAY",
        "OBJECT",
        "NULL",
    ];
    if let Some(kind) = schema["type"].as_str()
        && !TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind))
    {
        let message = format!(
            "Invalid value at '{at}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), \"{kind}\""
        );
        return Err(Violation::new("tool-schema", message));
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (index, (_, property)) in properties.enumerate() {
        types(property, &format!("{at}.properties[{index}].value"))?;
    }
    match &schema["items"] {
        Value::Null => Ok(()),
        items => types(items, &format!("{at}.items")),
    }
}

fn choice(config: &Value, names: &BTreeSet<&str>) -> Result<(), Violation> {
    let calling = member(config, "functionCallingConfig");
    let mode = calling["mode"].as_str().unwrap_or("AUTO");
    if !matches!(
        mode,
        "MODE_UNSPECIFIED" | "AUTO" | "ANY" | "NONE" | "VALIDATED"
    ) {
        let message = format!(
            "Invalid value at 'tool_config.function_calling_config.mode' \
             (type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), \"{mode}\""
        );
        return Err(Violation::new("tool-choice", message));
    }
    if mode == "ANY" && names.is_empty() {
        let message = "Function calling config is set without function_declarations.";
        return Err(Violation::new("tool-choice-without-tools", message));
    }
    for name in parts(member(calling, "allowedFunctionNames")) {
        let name = name.as_str().unwrap_or_default();
        if !names.contains(name) {
            let at = "tool_config.function_calling_config.allowed_function_names";
            let what =
                format!("allowed function name {name} is not found in function_declarations.");
            return Err(invalid("tool-choice", at, &what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(body: &Value) -> &'static str {
        check(body).map_or_else(|violation| violation.rule, |()| "")
    }

    fn tools(functions: &[Value]) -> Value<'static> {
        json!({"tools": [{"functionDeclarations": functions}]})
    }

    #[test]
    fn tools_as_they_should_be() {
        let parameters = json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "STRING"}}}});
        let list = json!({"name": "list", "parameters": parameters});
        let read = json!({"name": "a.b:c-d", "parameters_json_schema": {"type": "object"}});
        let mut body = tools(&[list, read, json!({"name": "_f"})]);
        assert_eq!(rule(&body), "");
        body.set(
            "toolConfig",
            json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["list"]}}),
        );
        assert_eq!(rule(&body), "");
        assert_eq!(rule(&json!({"tools": [{"googleSearch": {}}]})), "");
    }

    #[test]
    fn what_is_wrong_with_tools_is_named() {
        for name in ["", "1a", "a b", &"a".repeat(65)] {
            assert_eq!(
                rule(&tools(&[json!({"name": name})])),
                "tool-name",
                "{name}"
            );
        }
        let one = json!({"name": "f"});
        assert_eq!(rule(&tools(&[one.clone(), one.clone()])), "tool-duplicate");
        for parameters in [
            json!({"type": "array"}),
            json!({"properties": {}}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "text"}}}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "x"}}}}),
        ] {
            let tool = json!({"name": "f", "parameters": parameters});
            assert_eq!(rule(&tools(&[tool])), "tool-schema", "{parameters}");
        }
        let config = |config: Value| json!({"toolConfig": {"functionCallingConfig": config}});
        assert_eq!(rule(&config(json!({"mode": "any"}))), "tool-choice");
        assert_eq!(
            rule(&config(json!({"mode": "ANY"}))),
            "tool-choice-without-tools"
        );
        assert_eq!(
            rule(&config(json!({"allowedFunctionNames": ["f"]}))),
            "tool-choice"
        );
    }
}

//! The rules for tools: flat functions, their names, their schemas, and how one of them is chosen.

use std::collections::BTreeSet;

use super::{required, type_name, unsupported, wrong_type};
use crate::json::Value;
use crate::openai::words;
use crate::protocol::Violation;

const CHOICES: &[&str] = &["none", "auto", "required"];

/// Checks the tools of a request, and the choice among them.
pub(super) fn check(body: &Value) -> Result<(), Violation> {
    let mut names = Vec::new();
    match &body["tools"] {
        Value::Null => {}
        Value::Array(tools) => {
            for (index, tool) in tools.iter().enumerate() {
                names.extend(one(tool, &format!("tools[{index}]"))?);
            }
        }
        other => return Err(wrong_type("tools", "an array of tools", other)),
    }
    choice(&body["tool_choice"], &names)
}

/// One tool; its name, if it is a function. The provider's own tools are the provider's affair.
fn one<'a>(tool: &'a Value, at: &str) -> Result<Option<&'a str>, Violation> {
    if !tool.is_object() {
        return Err(wrong_type(at, "an object", tool));
    }
    if required(tool, at, "type")? != "function" {
        return Ok(tool["name"].as_str());
    }
    let name = required(tool, at, "name")?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(legal) {
        let param = format!("{at}.name");
        let message = format!(
            "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$'."
        );
        return Err(Violation::new("tool-name", message)
            .at(param)
            .code("invalid_value"));
    }
    schema(tool, name, at)?;
    Ok(Some(name))
}

fn schema(tool: &Value, name: &str, at: &str) -> Result<(), Violation> {
    let parameters = &tool["parameters"];
    let wrong = match parameters {
        Value::Null => None,
        Value::Object(schema) if schema.get("type").is_some_and(|kind| kind == "object") => {
            strict(parameters).filter(|_| tool["strict"] == true)
        }
        _ => {
            let got = parameters["type"].as_str().unwrap_or("None");
            Some(format!(
                "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
            ))
        }
    };
    match wrong {
        Some(wrong) => Err(Violation::new(
            "tool-schema",
            format!("Invalid schema for function '{name}': {wrong}"),
        )
        .at(format!("{at}.parameters"))
        .code("invalid_function_parameters")),
        None => Ok(()),
    }
}

/// What a strict schema lacks.
fn strict(schema: &Value) -> Option<String> {
    if schema["additionalProperties"] != false {
        return Some(
            "In context=(), 'additionalProperties' is required to be supplied and to be false."
                .into(),
        );
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    let required = schema["required"].as_array().into_iter().flatten();
    let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
    let missing = properties
        .map(|(name, _)| name)
        .find(|name| !required.contains(name))?;
    Some(format!(
        "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing \
         '{missing}'."
    ))
}

fn choice(choice: &Value, names: &[&str]) -> Result<(), Violation> {
    let kind = match choice {
        Value::Null => return Ok(()),
        Value::String(word) if CHOICES.contains(&&**word) => return Ok(()),
        Value::String(word) => {
            return Err(unsupported("tool-choice", "tool_choice", word, CHOICES));
        }
        Value::Object(_) => required(choice, "tool_choice", "type")?,
        other => {
            let message = format!(
                "Invalid type for 'tool_choice': expected one of an object or 'none', 'auto', or 'required', but got {} \
                 instead.",
                type_name(other)
            );
            return Err(Violation::new("wrong-type", message)
                .at("tool_choice")
                .code("invalid_type"));
        }
    };
    if kind != "function" {
        return Ok(());
    }
    let Some(name) = choice["name"].as_str() else {
        return Err(words::missing("tool_choice.name"));
    };
    if names.contains(&name) {
        return Ok(());
    }
    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
    Err(Violation::new("tool-choice", message).at("tool_choice"))
}

//! The rules of the real API for a request, its own words for a broken one, and its order: the first broken rule is told.
//!
//! Sentences, codes and order are those that the live API gave in August 2026, as published by people who compared their
//! servers with it, request by request; what is not known from there is told in the nearest known sentence.

mod calls;
mod fields;
mod input;
mod tools;

use std::sync::Arc;

use crate::json::Value;
use crate::openai::{models, words};
use crate::protocol::{Checked, Violation};

/// Checks a whole request.
pub(super) fn check(checked: &Checked<'_>) -> Result<(), Violation> {
    let body = checked.body;
    let Some(members) = body.as_object() else {
        return Err(words::not_json());
    };
    for name in ["model", "input"] {
        if !members.contains_key(name) {
            return Err(words::missing(name));
        }
    }
    members.keys().try_for_each(fields::known)?;
    text("model", &body["model"])?;
    input::check(&body["input"], checked.raw_arguments)?;
    fields::check_first(body)?;
    tools::check(body)?;
    fields::check_rest(body)?;
    state(checked)
}

/// What depends on what the provider remembers.
fn state(checked: &Checked<'_>) -> Result<(), Violation> {
    let body = checked.body;
    for (name, kind) in [("prompt", "Prompt"), ("conversation", "Conversation")] {
        let id = body[name]["id"].as_str().or(body[name].as_str());
        if let Some(id) = id {
            let message = format!("{kind} with id '{id}' not found.");
            return Err(Violation::new("unknown-state", message).status(404));
        }
    }
    let before = match body["previous_response_id"].as_str() {
        None => Arc::default(),
        Some(id) => checked.memory.recall(id).ok_or_else(|| {
            Violation::new(
                "unknown-previous-response",
                format!("Previous response with id '{id}' not found."),
            )
            .at("previous_response_id")
            .code("previous_response_not_found")
        })?,
    };
    calls::check(&body["input"], &before, checked.memory)?;
    let nothing = matches!(&body["input"], Value::String(text) if text.is_empty())
        || matches!(&body["input"], Value::Array(items) if items.is_empty());
    if nothing {
        let message = "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.";
        return Err(Violation::new("input-empty", message).code("missing_required_parameter"));
    }
    let model = body["model"].as_str().unwrap_or_default();
    if !models::exists(model) {
        let message = format!("The requested model '{model}' does not exist.");
        let violation = Violation::new("unknown-model", message).at("model");
        return Err(violation.code("model_not_found"));
    }
    Ok(())
}

/// A JSON type with its article, as this API names it. Null counts as an object, unless an item of a list is null.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Number(number) if number.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::Null => "an object",
        other => words::type_name(other),
    }
}

fn wrong_type(param: &str, expected: &str, got: &Value) -> Violation {
    let message = format!(
        "Invalid type for '{param}': expected {expected}, but got {} instead.",
        type_name(got)
    );
    Violation::new("wrong-type", message)
        .at(param)
        .code("invalid_type")
}

fn text<'a>(param: &str, value: &'a Value) -> Result<&'a str, Violation> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(param, "a string", value))
}

/// A string that has to be there.
fn required<'a>(object: &'a Value, at: &str, name: &str) -> Result<&'a str, Violation> {
    let param = format!("{at}.{name}");
    match object.get(name) {
        None => Err(words::missing(param)),
        Some(value) => text(&param, value),
    }
}

/// A word that is none of these.
fn unsupported(
    rule: &'static str,
    param: impl Into<String>,
    got: &str,
    words: &[&str],
) -> Violation {
    let message = format!(
        "Invalid value: '{got}'. Supported values are: {}.",
        listed(words, "and")
    );
    Violation::new(rule, message)
        .at(param)
        .code("invalid_value")
}

fn unknown(param: impl Into<String>) -> Violation {
    let param = param.into();
    Violation::new(
        "unknown-parameter",
        format!("Unknown parameter: '{param}'."),
    )
    .at(param)
    .code("unknown_parameter")
}

/// `'a', 'b', and 'c'`.
fn listed(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} {last} {other}"),
        [all @ .., end] => format!("{}, {last} {end}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests;

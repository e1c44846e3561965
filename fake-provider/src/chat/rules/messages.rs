//! The rules for messages: roles, contents, and that every tool call is answered exactly once, right after it was made.

use std::fmt;

use indexmap::IndexSet;

use crate::json::Value;
use crate::openai::words;
use crate::protocol::Violation;

/// Checks the messages of a request.
pub(super) fn check(body: &Value, raw_arguments: &[String]) -> Result<(), Violation> {
    let messages = match &body["messages"] {
        Value::Null => return Err(words::missing("messages")),
        Value::Array(messages) if messages.is_empty() => {
            return Err(words::empty_array("messages"));
        }
        Value::Array(messages) => messages,
        other => {
            return Err(words::wrong_type("messages", "an array of objects", other));
        }
    };
    let mut unanswered = Unanswered::default();
    for (index, message) in messages.iter().enumerate() {
        let at = format_args!("messages[{index}]");
        if !message.is_object() {
            return Err(words::wrong_type(at, "an object", message));
        }
        let role = role(message, at)?;
        content(message, role, at)?;
        match role {
            "tool" => unanswered.answer(message, index)?,
            _ => unanswered.check()?,
        }
        if role == "assistant" {
            unanswered.made = calls(message, at, raw_arguments)?;
            unanswered.answered.clear();
        }
    }
    unanswered.check()
}

fn role<'a>(message: &'a Value, at: fmt::Arguments<'_>) -> Result<&'a str, Violation> {
    let at = format_args!("{at}.role");
    match &message["role"] {
        Value::Null => Err(words::missing(at)),
        Value::String(role) => match &**role {
            "system" | "developer" | "user" | "assistant" | "tool" | "function" => Ok(role),
            unknown => {
                let message = format!(
                    "Invalid value: '{unknown}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', \
                     and 'developer'."
                );
                Err(Violation::new("unknown-role", message)
                    .at(at.to_string())
                    .code("invalid_value"))
            }
        },
        other => Err(words::wrong_type(at, "a string", other)),
    }
}

fn content(message: &Value, role: &str, at: fmt::Arguments<'_>) -> Result<(), Violation> {
    let at = format_args!("{at}.content");
    let may_be_absent = role == "assistant"
        && (message["tool_calls"].is_array()
            || message["function_call"].is_object()
            || message["refusal"].is_string());
    match &message["content"] {
        Value::String(_) => Ok(()),
        Value::Null if may_be_absent => Ok(()),
        Value::Null => Err(Violation::new(
            "content-missing",
            "Invalid value for 'content': expected a string, got null.",
        )
        .at(at.to_string())),
        Value::Array(parts) if parts.is_empty() => Err(words::empty_array(at)),
        Value::Array(parts) => {
            let parts = parts.iter().enumerate();
            parts
                .into_iter()
                .try_for_each(|(index, part)| content_part(part, format_args!("{at}[{index}]")))
        }
        other => {
            let message = format!(
                "Invalid type for '{at}': expected one of a string or array of objects, but got {} instead.",
                words::type_name(other)
            );
            Err(Violation::new("wrong-type", message)
                .at(at.to_string())
                .code("invalid_type"))
        }
    }
}

fn content_part(part: &Value, at: fmt::Arguments<'_>) -> Result<(), Violation> {
    let needs = match part["type"].as_str() {
        Some("text") => "text",
        Some("refusal") => "refusal",
        Some("image_url") => "image_url",
        Some("input_audio") => "input_audio",
        Some("file") => "file",
        Some(unknown) => {
            let message = format!(
                "Invalid value: '{unknown}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', \
                 and 'file'."
            );
            let at = format_args!("{at}.type");
            return Err(Violation::new("unknown-content-type", message)
                .at(at.to_string())
                .code("invalid_value"));
        }
        None => return Err(words::missing(format_args!("{at}.type"))),
    };
    match &part[needs] {
        Value::Null => Err(words::missing(format_args!("{at}.{needs}"))),
        Value::String(_) | Value::Object(_) => Ok(()),
        other => Err(words::wrong_type(
            format_args!("{at}.{needs}"),
            "a string",
            other,
        )),
    }
}

/// The ids of the tool calls that an assistant message makes.
fn calls<'a>(
    message: &'a Value,
    at: fmt::Arguments<'_>,
    raw_arguments: &[String],
) -> Result<IndexSet<&'a str>, Violation> {
    let calls = match &message["tool_calls"] {
        Value::Null => return Ok(IndexSet::new()),
        Value::Array(calls) if calls.is_empty() => {
            return Err(words::empty_array(format_args!("{at}.tool_calls")));
        }
        Value::Array(calls) => calls,
        other => {
            return Err(words::wrong_type(
                format_args!("{at}.tool_calls"),
                "an array",
                other,
            ));
        }
    };
    let mut ids = IndexSet::new();
    for (index, call) in calls.iter().enumerate() {
        let at = format_args!("{at}.tool_calls[{index}]");
        let id = string(&call["id"], format_args!("{at}.id"))?;
        match string(&call["type"], format_args!("{at}.type"))? {
            "function" => function(&call["function"], at, raw_arguments)?,
            "custom" => {
                string(&call["custom"]["name"], format_args!("{at}.custom.name"))?;
                string(&call["custom"]["input"], format_args!("{at}.custom.input"))?;
            }
            unknown => {
                let message = format!(
                    "Invalid value: '{unknown}'. Supported values are: 'function' and 'custom'."
                );
                let broken = Violation::new("unknown-tool-type", message);
                return Err(broken.at(format!("{at}.type")).code("invalid_value"));
            }
        }
        if !ids.insert(id) {
            let message = format!("Duplicate tool call id '{id}' in one message.");
            return Err(Violation::new("tool-call-duplicate", message)
                .at(at.to_string())
                .code("invalid_value"));
        }
    }
    Ok(ids)
}

fn function(
    function: &Value,
    at: fmt::Arguments<'_>,
    raw_arguments: &[String],
) -> Result<(), Violation> {
    string(&function["name"], format_args!("{at}.function.name"))?;
    let at = format_args!("{at}.function.arguments");
    let arguments = string(&function["arguments"], at)?;
    let is_object = serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
    if is_object || raw_arguments.iter().any(|raw| raw == arguments) {
        return Ok(());
    }
    let message = format!("Invalid '{at}': the arguments of a tool call must be a JSON object.");
    Err(Violation::new("arguments-not-an-object", message)
        .at(at.to_string())
        .code("invalid_value"))
}

fn string<'a>(value: &'a Value, at: fmt::Arguments<'_>) -> Result<&'a str, Violation> {
    match value {
        Value::Null => Err(words::missing(at)),
        Value::String(text) => Ok(text),
        other => Err(words::wrong_type(at, "a string", other)),
    }
}

/// The tool calls of the last assistant message, and those of them that have their result.
#[derive(Debug, Default)]
struct Unanswered<'a> {
    made: IndexSet<&'a str>,
    answered: IndexSet<&'a str>,
}

impl<'a> Unanswered<'a> {
    fn answer(&mut self, message: &'a Value, index: usize) -> Result<(), Violation> {
        let id = string(
            &message["tool_call_id"],
            format_args!("messages[{index}].tool_call_id"),
        )?;
        if !self.made.contains(id) {
            // Spelt as the provider spells it.
            let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with \
                           'tool_calls'.";
            let at = format_args!("messages.[{index}].role");
            return Err(Violation::new("tool-result-orphan", message).at(at.to_string()));
        }
        if !self.answered.insert(id) {
            let message = format!(
                "Invalid parameter: 'tool_call_id' of '{id}' has more than one response message."
            );
            let at = format_args!("messages.[{index}].tool_call_id");
            return Err(Violation::new("tool-result-duplicate", message).at(at.to_string()));
        }
        Ok(())
    }

    /// Every call has its result by now.
    fn check(&mut self) -> Result<(), Violation> {
        let made = std::mem::take(&mut self.made);
        let missing: Vec<&str> = made.difference(&self.answered).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The \
             following tool_call_ids did not have response messages: {}",
            missing.join(", ")
        );
        Err(Violation::new("tool-result-missing", message).at("messages"))
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(messages: &Value) -> &'static str {
        let body = json!({"messages": messages});
        check(&body, &["{\"cut".to_owned()]).map_or_else(|violation| violation.rule, |()| "")
    }

    fn call(id: &str, arguments: &str) -> Value<'static> {
        json!({"id": id, "type": "function", "function": {"name": "list", "arguments": arguments}})
    }

    fn round(calls: &[Value], results: &[&str]) -> Value<'static> {
        let mut messages = vec![
            json!({"role": "user", "content": "hi"}),
            json!({"role": "assistant", "content": null, "tool_calls": calls}),
        ];
        let results = results.iter();
        messages
            .extend(results.map(|id| json!({"role": "tool", "tool_call_id": id, "content": "r"})));
        Value::Array(messages)
    }

    #[test]
    fn every_call_answered_once_is_fine() {
        assert_eq!(
            rule(&round(&[call("a", "{}"), call("b", "{}")], &["b", "a"])),
            ""
        );
        assert_eq!(
            rule(&round(&[call("a", "{\"cut")], &["a"])),
            "",
            "sent so by the script"
        );
    }

    #[test]
    fn results_that_do_not_fit_the_calls_are_refused() {
        assert_eq!(
            rule(&round(&[call("a", "{}"), call("b", "{}")], &["a"])),
            "tool-result-missing"
        );
        assert_eq!(
            rule(&round(&[call("a", "{}")], &["a", "b"])),
            "tool-result-orphan"
        );
        assert_eq!(
            rule(&round(&[call("a", "{}")], &["a", "a"])),
            "tool-result-duplicate"
        );
        assert_eq!(
            rule(&round(&[call("a", "{}"), call("a", "{}")], &["a"])),
            "tool-call-duplicate"
        );
        let late = json!([
            {"role": "assistant", "content": null, "tool_calls": [call("a", "{}")]},
            {"role": "user", "content": "well?"},
            {"role": "tool", "tool_call_id": "a", "content": "r"},
        ]);
        assert_eq!(rule(&late), "tool-result-missing");
        let stray = json!([{"role": "user", "content": "hi"}, {"role": "tool", "tool_call_id": "a", "content": "r"}]);
        assert_eq!(rule(&stray), "tool-result-orphan");
    }

    #[test]
    fn a_call_of_a_custom_tool_has_text_as_its_input() {
        let custom = |custom: Value| json!({"id": "a", "type": "custom", "custom": custom});
        let call = custom(json!({"name": "shell", "input": "ls -l"}));
        assert_eq!(rule(&round(&[call], &["a"])), "");
        let call = custom(json!({"name": "shell"}));
        assert_eq!(rule(&round(&[call], &["a"])), "parameter-missing");
        let call = json!({"id": "a", "type": "wrench"});
        assert_eq!(rule(&round(&[call], &["a"])), "unknown-tool-type");
    }

    #[test]
    fn arguments_have_to_be_an_object() {
        for arguments in ["", "[]", "{\"path\": ", "null"] {
            assert_eq!(
                rule(&round(&[call("a", arguments)], &["a"])),
                "arguments-not-an-object"
            );
        }
    }

    #[test]
    fn roles_and_contents_are_checked() {
        assert_eq!(rule(&json!([])), "empty-array");
        assert_eq!(rule(&Value::Null), "parameter-missing");
        assert_eq!(rule(&json!("hi")), "wrong-type");
        assert_eq!(
            rule(&json!([{"role": "robot", "content": "x"}])),
            "unknown-role"
        );
        assert_eq!(rule(&json!([{"role": "user"}])), "content-missing");
        assert_eq!(
            rule(&json!([{"role": "assistant", "content": null}])),
            "content-missing"
        );
        assert_eq!(rule(&json!([{"role": "user", "content": 3}])), "wrong-type");
        assert_eq!(
            rule(&json!([{"role": "user", "content": [{"type": "smell"}]}])),
            "unknown-content-type"
        );
        assert_eq!(
            rule(&json!([{"role": "user", "content": [{"type": "text"}]}])),
            "parameter-missing"
        );
        assert_eq!(
            rule(&json!([{"role": "user", "content": [{"type": "text", "text": "x"}]}])),
            ""
        );
    }
}

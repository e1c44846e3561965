//! The rules for tools: their names, their schemas, how one of them is chosen, and that who used tools has some.

use std::collections::BTreeSet;

use super::messages::Message;
use super::words;
use crate::json::Value;
use crate::protocol::Violation;

/// Members of a tool of the client's own.
const MEMBERS: [&str; 10] = [
    "type",
    "name",
    "description",
    "input_schema",
    "cache_control",
    "strict",
    "allowed_callers",
    "defer_loading",
    "eager_input_streaming",
    "input_examples",
];

/// Ways to choose a tool.
const CHOICES: [&str; 4] = ["any", "auto", "none", "tool"];

/// Checks the tools of a request.
pub(super) fn check(body: &Value, messages: &[Message<'_>]) -> Result<(), Violation> {
    let tools: &[Value] = match &body["tools"] {
        Value::Null => &[],
        Value::Array(tools) => tools,
        _ => return Err(words::wrong_type("tools", "valid list")),
    };
    if tools.is_empty() {
        return without_tools(body, messages);
    }
    let mut names = BTreeSet::new();
    for (index, tool) in tools.iter().enumerate() {
        let name = name(tool, index)?;
        if !names.insert(name) {
            return Err(words::at(
                "tool-name",
                "tools",
                "Tool names must be unique.",
            ));
        }
    }
    choice(body, &names)
}

/// What only makes sense with tools.
fn without_tools(body: &Value, messages: &[Message<'_>]) -> Result<(), Violation> {
    if !body["tool_choice"].is_null() {
        let message = "tool_choice may only be specified while providing tools.";
        return Err(Violation::new("tool-choice-without-tools", message).at("tool_choice"));
    }
    let blocks = messages.iter().flat_map(|message| message.blocks);
    let kinds = blocks.filter_map(|block| block["type"].as_str());
    if kinds
        .into_iter()
        .any(|kind| matches!(kind, "tool_use" | "tool_result"))
    {
        let message =
            "Requests which include `tool_use` or `tool_result` blocks must define tools.";
        return Err(Violation::new("tools-missing", message).at("tools"));
    }
    Ok(())
}

/// One tool; its name. The provider's own tools are not checked any further.
fn name<'a>(tool: &'a Value<'_>, index: usize) -> Result<&'a str, Violation> {
    let path = format!("tools.{index}");
    let Some(members) = tool.as_object() else {
        return Err(words::at("wrong-type", &path, "Input should be an object"));
    };
    match &tool["type"] {
        Value::Null => {}
        Value::String(kind) if kind == "custom" => {}
        // As a tool of another dialect is told.
        Value::String(kind) if kind == "function" => {
            let known = [
                "bash_20250124",
                "custom",
                "text_editor_20250728",
                "web_search_20260209",
            ];
            return Err(words::unknown_tag(kind, &known, &path));
        }
        Value::String(_) => return Ok(tool["name"].as_str().unwrap_or_default()),
        _ => return Err(words::wrong_type(&format!("{path}.type"), "valid string")),
    }
    let path = format!("{path}.custom");
    words::only(members, &MEMBERS, &path)?;
    let at = format!("{path}.name");
    let name = words::string(&tool["name"], &at)?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 128 || !name.bytes().all(legal) {
        let what = "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
        return Err(words::at("tool-name", &at, what));
    }
    schema(&tool["input_schema"], &format!("{path}.input_schema"))?;
    Ok(name)
}

fn schema(schema: &Value, path: &str) -> Result<(), Violation> {
    let what = match (schema, &schema["type"]) {
        (Value::Null, _) => return Err(words::missing(path)),
        (Value::Object(_), Value::Null) => return Err(words::missing(&format!("{path}.type"))),
        (Value::Object(_), kind) if kind == "object" => return Ok(()),
        (Value::Object(_), _) => "Input should be 'object'",
        _ => return Err(words::at("tool-schema", path, "Input should be an object")),
    };
    Err(words::at("tool-schema", &format!("{path}.type"), what))
}

fn choice(body: &Value, names: &BTreeSet<&str>) -> Result<(), Violation> {
    let choice = &body["tool_choice"];
    if choice.is_null() {
        return Ok(());
    }
    let kind = words::tag(choice, "tool_choice")?;
    if !CHOICES.contains(&kind) {
        return Err(words::unknown_tag(kind, &CHOICES, "tool_choice"));
    }
    let thinks = matches!(body["thinking"]["type"].as_str(), Some("enabled"));
    if thinks && matches!(kind, "any" | "tool") {
        let message = "Thinking may not be enabled when tool_choice forces tool use.";
        return Err(Violation::new("thinking-with-forced-tool", message).at("tool_choice"));
    }
    if kind == "tool" {
        let name = words::string(&choice["name"], "tool_choice.tool.name")?;
        if !names.contains(name) {
            let message = format!("Tool '{name}' not found in provided tools");
            return Err(Violation::new("tool-choice-unknown", message).at("tool_choice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn rule(body: Value) -> &'static str {
        check(&body, &[]).map_or_else(|broken| broken.rule, |()| "")
    }

    fn tool(name: &str) -> Value<'static> {
        json!({"name": name, "description": "d", "input_schema": {"type": "object", "properties": {}}})
    }

    #[test]
    fn good_tools_are_fine() {
        assert_eq!(
            rule(json!({"tools": [tool("list"), tool("read")], "tool_choice": {"type": "auto"}})),
            ""
        );
        assert_eq!(
            rule(json!({"tools": [tool("list")], "tool_choice": {"type": "tool", "name": "list"}})),
            ""
        );
        assert_eq!(
            rule(json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]})),
            ""
        );
        assert_eq!(rule(json!({"tools": []})), "");
    }

    #[test]
    fn bad_ones_are_named() {
        assert_eq!(rule(json!({"tools": {}})), "wrong-type");
        assert_eq!(rule(json!({"tools": [tool("a b")]})), "tool-name");
        assert_eq!(rule(json!({"tools": [tool("a"), tool("a")]})), "tool-name");
        assert_eq!(rule(json!({"tools": [{"name": "a"}]})), "parameter-missing");
        assert_eq!(
            rule(json!({"tools": [{"name": "a", "input_schema": {"type": "array"}}]})),
            "tool-schema"
        );
        let other = json!({"type": "function", "function": {"name": "a"}});
        assert_eq!(rule(json!({"tools": [other]})), "unknown-content-type");
        let parameters = json!({"name": "a", "input_schema": {"type": "object"}, "parameters": {}});
        assert_eq!(rule(json!({"tools": [parameters]})), "unknown-parameter");
        assert_eq!(
            rule(json!({"tool_choice": {"type": "none"}})),
            "tool-choice-without-tools"
        );
        let chosen = |choice: Value| rule(json!({"tools": [tool("a")], "tool_choice": choice}));
        assert_eq!(chosen(json!("auto")), "wrong-type");
        assert_eq!(chosen(json!({"type": "required"})), "unknown-content-type");
        assert_eq!(
            chosen(json!({"type": "tool", "name": "b"})),
            "tool-choice-unknown"
        );
        let thinks = json!({"tools": [tool("a")], "tool_choice": {"type": "any"}, "thinking": {"type": "enabled"}});
        assert_eq!(rule(thinks), "thinking-with-forced-tool");
    }

    #[test]
    fn who_used_tools_has_some() {
        let blocks = [json!({"type": "tool_result", "tool_use_id": "a"})];
        let message = Message {
            role: "user",
            index: 0,
            blocks: &blocks,
        };
        let broken = check(&json!({}), &[message]).expect_err("is refused");
        assert_eq!(broken.rule, "tools-missing");
        assert_eq!(check(&json!({"tools": [tool("a")]}), &[message]), Ok(()));
    }
}

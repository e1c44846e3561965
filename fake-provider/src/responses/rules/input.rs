//! The rules for the items of an input, one by one: kinds, roles, contents, members.

use super::{required, type_name, unknown, unsupported, wrong_type};
use crate::json::Value;
use crate::openai::words;
use crate::protocol::Violation;

const KINDS: &[&str] = &[
    "additional_tools",
    "agent_message",
    "apply_patch_call",
    "apply_patch_call_output",
    "code_interpreter_call",
    "compaction",
    "compaction_trigger",
    "computer_call",
    "computer_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "file_search_call",
    "function_call",
    "function_call_output",
    "image_generation_call",
    "item_reference",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
    "message",
    "multi_agent_call",
    "multi_agent_call_output",
    "program",
    "program_output",
    "reasoning",
    "shell_call",
    "shell_call_output",
    "tool_search_call",
    "tool_search_output",
    "web_search_call",
];

const ROLES: &[&str] = &["assistant", "system", "developer", "user"];

const PARTS: &[&str] = &[
    "input_text",
    "input_image",
    "input_audio",
    "output_text",
    "refusal",
    "input_file",
    "computer_screenshot",
    "summary_text",
    "encrypted_content",
];

/// What one who asks may say, and what the model said.
const OF_USER: &[&str] = &[
    "input_text",
    "input_image",
    "input_file",
    "scoped_content",
    "input_audio",
];
const OF_ASSISTANT: &[&str] = &["output_text", "refusal"];
const OF_TOOL: &[&str] = &["input_text", "input_image", "input_file"];

/// So long may a call's id be.
const LONGEST_CALL_ID: usize = 64;

/// Checks an input. `raw_arguments` are tool arguments that the script itself sent broken: they may come back.
pub(super) fn check(input: &Value, raw_arguments: &[String]) -> Result<(), Violation> {
    match input {
        Value::String(_) => Ok(()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| one(item, &format!("input[{index}]"), raw_arguments)),
        Value::Null => Err(wrong_type("input", "a string", input)),
        other => Err(wrong_type(
            "input",
            "one of a string or array of input items",
            other,
        )),
    }
}

fn one(item: &Value, at: &str, raw_arguments: &[String]) -> Result<(), Violation> {
    if !item.is_object() {
        let got = if item.is_null() {
            "null"
        } else {
            type_name(item)
        };
        let message =
            format!("Invalid type for '{at}': expected an input item, but got {got} instead.");
        return Err(Violation::new("wrong-type", message)
            .at(at)
            .code("invalid_type"));
    }
    let kind = match item.get("type") {
        None => "message",
        Some(kind) => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "message" => message(item, at),
        "function_call" => call(item, at, raw_arguments),
        "function_call_output" => output(item, at),
        "reasoning" => reasoning(item, at),
        "item_reference" => required(item, at, "id").map(|_| ()),
        kind if KINDS.contains(&kind) => Ok(()),
        unknown => Err(unsupported("unknown-item", at, unknown, KINDS)),
    }
}

fn members(item: &Value, at: &str, known: &[&str]) -> Result<(), Violation> {
    let mut names = item.as_object().into_iter().flat_map(|item| item.keys());
    match names.find(|name| !known.contains(name)) {
        Some(name) => Err(unknown(format!("{at}.{name}"))),
        None => Ok(()),
    }
}

/// An id, where there is one, begins as those of its kind do.
fn id(item: &Value, at: &str, begins: &str) -> Result<(), Violation> {
    let Some(id) = item["id"].as_str() else {
        return Ok(());
    };
    let legal = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    let expected = match () {
        () if id.is_empty() || !id.chars().all(legal) => {
            "contains letters, numbers, underscores, or dashes, but this value contained additional characters".to_owned()
        }
        () if !id.starts_with(begins) => format!("begins with '{begins}'"),
        () => return Ok(()),
    };
    let message = format!("Invalid '{at}.id': '{id}'. Expected an ID that {expected}.");
    Err(Violation::new("item-id", message)
        .at(format!("{at}.id"))
        .code("invalid_value"))
}

fn message(item: &Value, at: &str) -> Result<(), Violation> {
    let role = item["role"].as_str().unwrap_or_default();
    if !ROLES.contains(&role) {
        return Err(unsupported("unknown-role", at, role, ROLES));
    }
    let mut known = vec!["type", "role", "content", "id", "status"];
    if role == "assistant" {
        known.push("phase");
    }
    members(item, at, &known)?;
    id(item, at, "msg")?;
    let legal = if role == "assistant" {
        OF_ASSISTANT
    } else {
        OF_USER
    };
    content(item, at, "content", legal)
}

fn content(item: &Value, at: &str, name: &str, legal: &[&str]) -> Result<(), Violation> {
    let at = format!("{at}.{name}");
    match item.get(name) {
        None => Err(words::missing(at)),
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(parts)) => parts
            .iter()
            .enumerate()
            .try_for_each(|(index, one)| part(one, &format!("{at}[{index}]"), legal)),
        Some(other) => Err(wrong_type(
            &at,
            "one of a string or array of content parts",
            other,
        )),
    }
}

fn part(part: &Value, at: &str, legal: &[&str]) -> Result<(), Violation> {
    let kind = part["type"].as_str().unwrap_or_default();
    if !PARTS.contains(&kind) && !legal.contains(&kind) {
        let param = format!("{at}.type");
        return Err(unsupported("unknown-content-type", param, kind, PARTS));
    }
    if !legal.contains(&kind) {
        return Err(unsupported("content-of-another-role", at, kind, legal));
    }
    match kind {
        "input_text" | "output_text" => required(part, at, "text").map(|_| ()),
        "refusal" => required(part, at, "refusal").map(|_| ()),
        _ => Ok(()),
    }
}

fn call_id(item: &Value, at: &str) -> Result<(), Violation> {
    let id = required(item, at, "call_id")?;
    let param = format!("{at}.call_id");
    let (message, code) = match id.chars().count() {
        0 => (
            format!(
                "Invalid '{param}': empty string. Expected a string with minimum length 1, but got an empty string instead."
            ),
            "empty_string",
        ),
        length if length > LONGEST_CALL_ID => (
            format!(
                "Invalid '{param}': string too long. Expected a string with maximum length {LONGEST_CALL_ID}, but got a \
                 string with length {length} instead."
            ),
            "string_above_max_length",
        ),
        _ => return Ok(()),
    };
    Err(Violation::new("call-id", message).at(param).code(code))
}

fn call(item: &Value, at: &str, raw_arguments: &[String]) -> Result<(), Violation> {
    let known = [
        "type",
        "id",
        "call_id",
        "name",
        "namespace",
        "arguments",
        "status",
        "caller",
    ];
    members(item, at, &known)?;
    id(item, at, "fc")?;
    call_id(item, at)?;
    required(item, at, "name")?;
    let arguments = required(item, at, "arguments")?;
    let is_object = serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
    if is_object || raw_arguments.iter().any(|raw| raw == arguments) {
        return Ok(());
    }
    let param = format!("{at}.arguments");
    let message =
        format!("Invalid '{param}': the arguments of a function call must be a JSON object.");
    Err(Violation::new("arguments-not-an-object", message)
        .at(param)
        .code("invalid_value"))
}

fn output(item: &Value, at: &str) -> Result<(), Violation> {
    let known = [
        "type",
        "id",
        "call_id",
        "output",
        "status",
        "name",
        "namespace",
        "caller",
    ];
    members(item, at, &known)?;
    call_id(item, at)?;
    content(item, at, "output", OF_TOOL)
}

fn reasoning(item: &Value, at: &str) -> Result<(), Violation> {
    let known = [
        "type",
        "id",
        "summary",
        "content",
        "encrypted_content",
        "status",
    ];
    members(item, at, &known)?;
    id(item, at, "rs")?;
    match item.get("summary") {
        None => Err(words::missing(format!("{at}.summary"))),
        Some(Value::Array(_)) => Ok(()),
        Some(other) => Err(wrong_type(
            &format!("{at}.summary"),
            "an array of objects",
            other,
        )),
    }
}

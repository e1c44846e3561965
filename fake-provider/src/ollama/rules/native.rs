//! The rules of `/api/chat` and `/api/generate`.

use super::fields::{Fields, Kind};
use crate::json::Value;
use crate::protocol::Violation;

/// Options of a model and their types, as `api.Options` has them.
const OPTIONS: [(&str, &str); 20] = [
    ("num_keep", "integer"),
    ("seed", "integer"),
    ("num_predict", "integer"),
    ("top_k", "integer"),
    ("top_p", "float32"),
    ("min_p", "float32"),
    ("typical_p", "float32"),
    ("repeat_last_n", "integer"),
    ("temperature", "float32"),
    ("repeat_penalty", "float32"),
    ("presence_penalty", "float32"),
    ("frequency_penalty", "float32"),
    ("stop", "array"),
    ("num_ctx", "integer"),
    ("num_batch", "integer"),
    ("num_gpu", "integer"),
    ("main_gpu", "integer"),
    ("use_mmap", "boolean"),
    ("num_thread", "integer"),
    ("draft_num_predict", "integer"),
];

/// Checks a request of `/api/chat`. `raw` are arguments that were sent broken: they may come back as they are.
pub(super) fn chat(body: &Value, raw: &[String]) -> Result<(), Violation> {
    let fields = Fields::of(body, "ChatRequest")?;
    fields.check(&[
        ("model", Kind::Text),
        ("messages", Kind::Array),
        ("stream", Kind::Bool),
        ("tools", Kind::Array),
        ("options", Kind::Map),
        ("truncate", Kind::Bool),
        ("logprobs", Kind::Bool),
        ("top_logprobs", Kind::Integer),
    ])?;
    for message in fields.each("messages", "api.Message")? {
        check_message(&message, raw)?;
    }
    for tool in fields.each("tools", "api.Tool")? {
        check_tool(&tool)?;
    }
    shared(body)
}

/// Checks a request of `/api/generate`.
pub(super) fn generate(body: &Value) -> Result<(), Violation> {
    let fields = Fields::of(body, "GenerateRequest")?;
    fields.check(&[
        ("model", Kind::Text),
        ("prompt", Kind::Text),
        ("suffix", Kind::Text),
        ("system", Kind::Text),
        ("template", Kind::Text),
        ("context", Kind::Array),
        ("stream", Kind::Bool),
        ("raw", Kind::Bool),
        ("options", Kind::Map),
        ("top_logprobs", Kind::Integer),
    ])?;
    images(&fields)?;
    shared(body)?;
    let with = |field: &str| body[field].as_str().is_some_and(|text| !text.is_empty());
    let context = body["context"]
        .as_array()
        .is_some_and(|context| !context.is_empty());
    if body["raw"] == true && (with("template") || with("system") || context) {
        let message = "raw mode does not support template, system, or context";
        return Err(Violation::new("raw-with-template", message));
    }
    Ok(())
}

/// There has to be a model.
pub(super) fn model(body: &Value) -> Result<(), Violation> {
    match body["model"].as_str() {
        None | Some("") => Err(Violation::new("model-missing", "model is required")),
        Some(_) => Ok(()),
    }
}

fn shared(body: &Value) -> Result<(), Violation> {
    think(&body["think"])?;
    keep_alive(&body["keep_alive"])?;
    let logprobs = body["top_logprobs"].as_i64().unwrap_or(0);
    if !(0..=20).contains(&logprobs) {
        let message = "top_logprobs must be between 0 and 20";
        return Err(Violation::new("top-logprobs", message));
    }
    model(body)?;
    options(&body["options"])
}

fn check_message(message: &Fields<'_>, raw: &[String]) -> Result<(), Violation> {
    message.check(&[
        ("role", Kind::Text),
        ("content", Kind::Text),
        ("thinking", Kind::Text),
        ("images", Kind::Array),
        ("tool_calls", Kind::Array),
        ("tool_name", Kind::Text),
        ("tool_call_id", Kind::Text),
    ])?;
    images(message)?;
    for call in message.each("tool_calls", "api.ToolCall")? {
        call.check(&[("id", Kind::Text)])?;
        let function = call.inside("function", "api.ToolCallFunction")?;
        function.check(&[("index", Kind::Integer), ("name", Kind::Text)])?;
        match &function.value["arguments"] {
            Value::Null | Value::Object(_) => {}
            Value::String(sent) if raw.iter().any(|raw| raw == sent) => {}
            other => {
                let go = "api.ToolCallFunctionArguments";
                let mut wrong = function.wrong("arguments", other, go);
                wrong.rule = "arguments-not-an-object";
                return Err(wrong);
            }
        }
    }
    Ok(())
}

fn check_tool(tool: &Fields<'_>) -> Result<(), Violation> {
    tool.check(&[("type", Kind::Text)])?;
    let function = tool.inside("function", "api.ToolFunction")?;
    function.check(&[("name", Kind::Text), ("description", Kind::Text)])?;
    let parameters = function.inside("parameters", "api.ToolFunctionParameters")?;
    parameters.check(&[("type", Kind::Text), ("required", Kind::Array)])?;
    parameters.texts("required")?;
    parameters.inside("properties", "map[string]api.ToolProperty")?;
    Ok(())
}

/// Images are base64 (`[]byte` in Go).
fn images(fields: &Fields<'_>) -> Result<(), Violation> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(&byte);
    for image in fields.texts("images")? {
        let wrong = match image.bytes().position(|byte| !legal(byte)) {
            Some(at) => at,
            None if image.len() % 4 != 0 => image.len() - image.len() % 4,
            None => continue,
        };
        let message = format!("illegal base64 data at input byte {wrong}");
        return Err(Violation::new("image-not-base64", message));
    }
    Ok(())
}

fn think(think: &Value) -> Result<(), Violation> {
    match think {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::String(level) if matches!(&**level, "low" | "medium" | "high" | "max") => Ok(()),
        Value::String(level) => {
            let message = format!(
                "invalid think value: \"{level}\" (must be \"high\", \"medium\", \"low\", \"max\", true, or false)"
            );
            Err(Violation::new("think", message))
        }
        _ => {
            let message = "think must be a boolean or string (\"high\", \"medium\", \"low\", \"max\", true, or false)";
            Err(Violation::new("think", message))
        }
    }
}

/// Seconds, or a duration as Go writes them.
fn keep_alive(keep_alive: &Value) -> Result<(), Violation> {
    match keep_alive {
        Value::Null | Value::Number(_) => Ok(()),
        Value::String(duration) if is_duration(duration) => Ok(()),
        Value::String(duration) => {
            let message = format!("time: invalid duration \"{duration}\"");
            Err(Violation::new("keep-alive", message))
        }
        other => {
            let kind = match other {
                Value::Bool(_) => "bool",
                Value::Array(_) => "[]interface {}",
                _ => "map[string]interface {}",
            };
            let message = format!("Unsupported type: '{kind}'");
            Err(Violation::new("keep-alive", message))
        }
    }
}

fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
        let units = ["ns", "us", "µs", "ms", "s", "m", "h"];
        let after = units.iter().find_map(|unit| {
            let after = number.strip_prefix(unit)?;
            let ends = after.is_empty() || after.starts_with(|char: char| char.is_ascii_digit());
            ends.then_some(after)
        });
        match after {
            Some(after) if number.len() < rest.len() => rest = after,
            _ => return false,
        }
    }
    !text.is_empty()
}

/// A wrong option is found when the model is about to be loaded, and not told as the client's mistake.
fn options(options: &Value) -> Result<(), Violation> {
    for (option, kind) in OPTIONS {
        let value = &options[option];
        let fits = match kind {
            "integer" | "float32" => value.is_number(),
            "boolean" => value.is_boolean(),
            _ => value.is_array(),
        };
        if !fits && !value.is_null() {
            let message = format!("option \"{option}\" must be of type {kind}");
            return Err(Violation::new("option-type", message).status(500));
        }
    }
    Ok(())
}

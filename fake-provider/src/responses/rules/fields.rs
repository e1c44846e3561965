//! The rules for the members of a request that stand alone: which there are, and of what type.

use super::{listed, unknown, unsupported, wrong_type};
use crate::json::Value;
use crate::openai::numbers;
use crate::protocol::Violation;

/// What a member has to be. Every one may also be null, which is as if it were not there.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Flag,
    /// At least and at most.
    Decimal(f64, f64),
    /// At least.
    Integer(i64),
    Object,
    /// An array; of what, in words.
    Array(&'static str),
    Word(&'static [&'static str]),
    /// Checked elsewhere, or not at all.
    Any,
}

const INCLUDABLE: &[&str] = &[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// Those that are checked before the tools, in this order.
const FIRST: &[(&str, Kind)] = &[
    ("previous_response_id", Kind::Text),
    ("conversation", Kind::Any),
    ("prompt", Kind::Object),
    ("include", Kind::Array("one of the includable values")),
    ("instructions", Kind::Text),
];

/// Those that are checked after them.
const REST: &[(&str, Kind)] = &[
    ("metadata", Kind::Object),
    ("text", Kind::Object),
    ("temperature", Kind::Decimal(0.0, 2.0)),
    ("top_p", Kind::Decimal(0.0, 1.0)),
    ("presence_penalty", Kind::Decimal(-2.0, 2.0)),
    ("frequency_penalty", Kind::Decimal(-2.0, 2.0)),
    ("top_logprobs", Kind::Integer(0)),
    ("parallel_tool_calls", Kind::Flag),
    ("stream", Kind::Flag),
    ("stream_options", Kind::Object),
    ("background", Kind::Flag),
    // Fewer cannot end a sentence, says the provider.
    ("max_output_tokens", Kind::Integer(16)),
    ("max_tool_calls", Kind::Integer(1)),
    ("reasoning", Kind::Object),
    ("user", Kind::Text),
    ("safety_identifier", Kind::Text),
    ("prompt_cache_options", Kind::Object),
    ("prompt_cache_key", Kind::Text),
    (
        "prompt_cache_retention",
        Kind::Word(&["in_memory", "24h", "in-memory"]),
    ),
    ("truncation", Kind::Word(&["auto", "disabled"])),
    (
        "service_tier",
        Kind::Word(&["auto", "default", "fast", "flex", "scale", "priority"]),
    ),
    ("store", Kind::Flag),
    ("context_management", Kind::Array("objects")),
    ("moderation", Kind::Object),
];

/// Those with rules of their own.
const ELSEWHERE: [&str; 4] = ["model", "input", "tools", "tool_choice"];

/// The members of members.
const INNER: &[(&str, &str, &[&str])] = &[
    ("text", "verbosity", &["low", "medium", "high"]),
    (
        "reasoning",
        "effort",
        &["none", "minimal", "low", "medium", "high", "xhigh", "max"],
    ),
    ("reasoning", "summary", &["concise", "detailed", "auto"]),
];

/// All members of members that are known through and through.
const MEMBERS: &[(&str, &[&str])] = &[
    ("text", &["format", "verbosity"]),
    ("stream_options", &["include_obfuscation"]),
    ("reasoning", &["effort", "summary", "context", "mode"]),
];

/// Whether there is such a member of a request.
pub(super) fn known(name: &str) -> Result<(), Violation> {
    let moved = match name {
        "messages" => Some("input"),
        "response_format" => Some("text.format"),
        _ => None,
    };
    if let Some(moved) = moved {
        let message = format!(
            "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{moved}'. Try again with the \
             new parameter. See the API documentation for more information: \
             https://platform.openai.com/docs/api-reference/responses/create."
        );
        return Err(Violation::new("moved-parameter", message).code("unsupported_parameter"));
    }
    let mut names = FIRST
        .iter()
        .chain(REST)
        .map(|(name, _)| *name)
        .chain(ELSEWHERE);
    match names.any(|known| known == name) {
        true => Ok(()),
        false => Err(unknown(name)),
    }
}

/// Checks what is checked before the tools.
pub(super) fn check_first(body: &Value) -> Result<(), Violation> {
    check_all(body, FIRST)?;
    let include = body["include"].as_array().into_iter().flatten();
    for (index, wanted) in include.enumerate() {
        let got = wanted.as_str().unwrap_or_default();
        if !INCLUDABLE.contains(&got) {
            let param = format!("include[{index}]");
            return Err(unsupported("unknown-include", param, got, INCLUDABLE));
        }
    }
    Ok(())
}

/// Checks what is checked after them.
pub(super) fn check_rest(body: &Value) -> Result<(), Violation> {
    check_all(body, REST)?;
    for (outer, known) in MEMBERS {
        let mut names = body[outer]
            .as_object()
            .into_iter()
            .flat_map(|inner| inner.keys());
        if let Some(name) = names.find(|name| !known.contains(name)) {
            return Err(unknown(format!("{outer}.{name}")));
        }
    }
    for (outer, name, words) in INNER {
        let param = format!("{outer}.{name}");
        check_one(&param, &body[outer][name], Kind::Word(words))?;
    }
    format(&body["text"]["format"])
}

/// The format that the answer has to have.
fn format(format: &Value) -> Result<(), Violation> {
    let kinds = ["json_object", "text", "json_schema"];
    let Some(kind) = format.get("type") else {
        return Ok(());
    };
    let got = kind.as_str().unwrap_or_default();
    if !kinds.contains(&got) {
        return Err(unsupported(
            "unknown-format",
            "text.format.type",
            got,
            &kinds,
        ));
    }
    if got == "json_schema" {
        for name in ["name", "schema"] {
            if format.get(name).is_none() {
                return Err(crate::openai::words::missing(format!("text.format.{name}")));
            }
        }
    }
    Ok(())
}

fn check_all(body: &Value, fields: &[(&str, Kind)]) -> Result<(), Violation> {
    fields
        .iter()
        .try_for_each(|(name, kind)| check_one(name, &body[name], *kind))
}

fn check_one(name: &str, value: &Value, kind: Kind) -> Result<(), Violation> {
    if value.is_null() {
        return Ok(());
    }
    let expected = match kind {
        Kind::Any => return Ok(()),
        Kind::Text if value.is_string() => return Ok(()),
        Kind::Flag if value.is_boolean() => return Ok(()),
        Kind::Object if value.is_object() => return Ok(()),
        Kind::Array(_) if value.is_array() => return Ok(()),
        Kind::Decimal(least, most) if value.is_number() => {
            return numbers::decimal(name, value.as_f64().unwrap_or_default(), (least, most));
        }
        Kind::Integer(least) if value.is_integer() => {
            return numbers::integer(name, value.as_i64().unwrap_or(i64::MAX), (least, i64::MAX));
        }
        Kind::Word(words) => match value.as_str() {
            Some(word) if words.contains(&word) => return Ok(()),
            Some(word) => return Err(unsupported("unknown-value", name, word, words)),
            None => format!("one of {}", listed(words, "or")),
        },
        Kind::Text => "a string".into(),
        Kind::Flag => "a boolean".into(),
        Kind::Object if name == "metadata" => "a metadata object".into(),
        Kind::Object => "an object".into(),
        Kind::Array(of) => format!("an array of {of}"),
        Kind::Decimal(..) => "a decimal".into(),
        Kind::Integer(_) => "an integer".into(),
    };
    Err(wrong_type(name, &expected, value))
}

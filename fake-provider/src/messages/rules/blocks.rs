//! The rules for one block of a message's content, whatever stands around it.

use super::super::signature;
use super::super::version::Version;
use super::words;
use crate::json::{NULL, Object, Value};
use crate::protocol::Violation;

/// Kinds of blocks, from the types of the provider's own clients.
const KINDS: [&str; 23] = [
    "advisor_tool_result",
    "bash_code_execution_tool_result",
    "browser_state",
    "code_execution_tool_result",
    "compaction",
    "container_upload",
    "document",
    "fallback",
    "image",
    "mcp_tool_listing",
    "mcp_tool_result",
    "mcp_tool_use",
    "redacted_thinking",
    "search_result",
    "server_tool_use",
    "text",
    "text_editor_code_execution_tool_result",
    "thinking",
    "tool_result",
    "tool_search_tool_result",
    "tool_use",
    "web_fetch_tool_result",
    "web_search_tool_result",
];

/// What the result of a tool call may hold.
const IN_RESULTS: [&str; 5] = [
    "document",
    "image",
    "search_result",
    "text",
    "tool_reference",
];

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) role: &'a str,
    /// The index of its message.
    pub(super) message: usize,
    /// Its index in the message.
    pub(super) block: usize,
    pub(super) version: Version,
}

impl Place<'_> {
    pub(super) fn path(self) -> String {
        format!("messages.{}.content.{}", self.message, self.block)
    }
}

/// Checks a block.
pub(super) fn check(block: &Value, place: Place<'_>) -> Result<(), Violation> {
    let path = place.path();
    let kind = words::tag(block, &path)?;
    let members = block.as_object().expect("what has a kind is an object");
    match (kind, place.role) {
        ("tool_use", "user") => return Err(misplaced(kind, "assistant", place)),
        ("tool_result", "assistant") => return Err(misplaced(kind, "user", place)),
        // Since 2026-10-21; the words are ours.
        ("document", "assistant") if place.version == Version::New => {
            let known: Vec<&str> = KINDS
                .into_iter()
                .filter(|kind| *kind != "document")
                .collect();
            return Err(words::unknown_tag(kind, &known, &path));
        }
        _ => {}
    }
    let path = format!("{path}.{kind}");
    match kind {
        "text" => text(members, &path, place),
        "thinking" => thinking(members, &path, place),
        "tool_use" => tool_use(members, &path),
        "tool_result" => tool_result(members, &path),
        "search_result" => citations_inside(member(members, "content"), &path, place),
        kind if KINDS.contains(&kind) => Ok(()),
        kind => Err(words::unknown_tag(kind, &KINDS, &place.path())),
    }
}

fn misplaced(kind: &str, role: &str, place: Place<'_>) -> Violation {
    let what = format!("`{kind}` blocks can only be in `{role}` messages");
    words::at(
        "block-misplaced",
        &format!("messages.{}", place.message),
        &what,
    )
}

/// A text anywhere in a request. Empty ones are refused.
pub(super) fn text_is_not_empty(text: &str, whose: &str) -> Result<(), Violation> {
    let what = match text {
        "" => "text content blocks must be non-empty",
        text if text.trim().is_empty() => "text content blocks must contain non-whitespace text",
        _ => return Ok(()),
    };
    Err(words::at("text-empty", whose, what))
}

fn text(members: &Object<'_>, path: &str, place: Place<'_>) -> Result<(), Violation> {
    words::only(
        members,
        &["type", "text", "cache_control", "citations"],
        path,
    )?;
    let text = member(members, "text");
    text_is_not_empty(words::string(text, &format!("{path}.text"))?, "messages")?;
    citations(members, path, place)
}

/// Since 2026-10-21 a user cites nothing; the words are ours.
fn citations(members: &Object<'_>, path: &str, place: Place<'_>) -> Result<(), Violation> {
    let cites = member(members, "citations")
        .as_array()
        .is_some_and(|cited| !cited.is_empty());
    if cites && place.role == "user" && place.version == Version::New {
        return Err(words::extra(&format!("{path}.citations")));
    }
    Ok(())
}

fn citations_inside(content: &Value, path: &str, place: Place<'_>) -> Result<(), Violation> {
    let blocks = content.as_array().into_iter().flatten().enumerate();
    for (index, block) in blocks {
        if let Some(members) = block.as_object() {
            citations(members, &format!("{path}.content.{index}"), place)?;
        }
    }
    Ok(())
}

fn thinking(members: &Object<'_>, path: &str, place: Place<'_>) -> Result<(), Violation> {
    words::only(members, &["type", "thinking", "signature"], path)?;
    let thinking = words::string(member(members, "thinking"), &format!("{path}.thinking"))?;
    let signature = words::string(member(members, "signature"), &format!("{path}.signature"))?;
    match signature::fits(thinking, signature) {
        true => Ok(()),
        false => {
            let what = "Invalid `signature` in `thinking` block";
            Err(words::at("thinking-signature", &place.path(), what))
        }
    }
}

fn tool_use(members: &Object<'_>, path: &str) -> Result<(), Violation> {
    let names = [
        "type",
        "id",
        "name",
        "input",
        "cache_control",
        "caller",
        "toolset_name",
    ];
    words::only(members, &names, path)?;
    let at = format!("{path}.id");
    let id = words::string(member(members, "id"), &at)?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.is_empty() || !id.bytes().all(legal) {
        let what = "String should match pattern '^[a-zA-Z0-9_-]+$'";
        return Err(words::at("tool-call-id", &at, what));
    }
    words::string(member(members, "name"), &format!("{path}.name"))?;
    let at = format!("{path}.input");
    match member(members, "input") {
        Value::Object(_) => Ok(()),
        Value::Null if !members.contains_key("input") => Err(words::missing(&at)),
        _ => Err(words::at(
            "arguments-not-an-object",
            &at,
            "Input should be an object",
        )),
    }
}

fn tool_result(members: &Object<'_>, path: &str) -> Result<(), Violation> {
    let names = [
        "type",
        "tool_use_id",
        "content",
        "is_error",
        "cache_control",
        "toolset_name",
    ];
    words::only(members, &names, path)?;
    words::string(
        member(members, "tool_use_id"),
        &format!("{path}.tool_use_id"),
    )?;
    let at = format!("{path}.is_error");
    if !matches!(member(members, "is_error"), Value::Null | Value::Bool(_)) {
        return Err(words::wrong_type(&at, "valid boolean"));
    }
    let at = format!("{path}.content");
    let blocks = match member(members, "content") {
        Value::Null | Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err(words::wrong_type(&at, "valid list")),
    };
    for (index, block) in blocks.iter().enumerate() {
        let at = format!("{at}.{index}");
        let kind = words::tag(block, &at)?;
        if !IN_RESULTS.contains(&kind) {
            return Err(words::unknown_tag(kind, &IN_RESULTS, &at));
        }
        if kind == "text" {
            let text = words::string(&block["text"], &format!("{at}.text.text"))?;
            text_is_not_empty(text, "messages")?;
        }
    }
    Ok(())
}

fn member<'a>(members: &'a Object<'a>, name: &str) -> &'a Value<'a> {
    members.get(name).unwrap_or(&NULL)
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn told(role: &str, version: Version, block: Value) -> (String, String) {
        let place = Place {
            role,
            message: 1,
            block: 0,
            version,
        };
        let broken = check(&block, place).err();
        broken.map_or_else(Default::default, |broken| {
            (broken.rule.into(), broken.message)
        })
    }

    fn rule(role: &str, block: Value) -> String {
        told(role, Version::Old, block).0
    }

    #[test]
    fn good_blocks_are_fine() {
        let signature = signature::of("Hm.");
        for (role, block) in [
            (
                "user",
                json!({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}),
            ),
            ("user", json!({"type": "image", "source": {}})),
            ("user", json!({"type": "tool_result", "tool_use_id": "a"})),
            (
                "user",
                json!({"type": "tool_result", "tool_use_id": "a", "content": "", "is_error": true}),
            ),
            (
                "user",
                json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "a"}]}),
            ),
            (
                "assistant",
                json!({"type": "thinking", "thinking": "Hm.", "signature": signature}),
            ),
            (
                "assistant",
                json!({"type": "tool_use", "id": "toolu_1", "name": "list", "input": {}, "caller": {"type": "direct"}}),
            ),
        ] {
            assert_eq!(rule(role, block.clone()), "", "{block}");
        }
    }

    #[test]
    fn bad_ones_are_named() {
        let call = |change: Value| {
            let mut call = json!({"type": "tool_use", "id": "a", "name": "list", "input": {}});
            for (name, value) in change.as_object().expect("is an object") {
                call.set(name, value.clone());
            }
            rule("assistant", call)
        };
        assert_eq!(call(json!({"input": "{\"cut"})), "arguments-not-an-object");
        assert_eq!(call(json!({"input": []})), "arguments-not-an-object");
        assert_eq!(call(json!({"id": "a b"})), "tool-call-id");
        assert_eq!(call(json!({"id": null})), "parameter-missing");
        assert_eq!(call(json!({"name": 3})), "wrong-type");
        assert_eq!(call(json!({"arguments": "{}"})), "unknown-parameter");
        assert_eq!(
            rule("user", json!({"type": "text", "text": ""})),
            "text-empty"
        );
        assert_eq!(
            rule("user", json!({"type": "text", "text": " \n"})),
            "text-empty"
        );
        assert_eq!(rule("user", json!({"type": "text"})), "parameter-missing");
        assert_eq!(
            rule("user", json!({"type": "image_url"})),
            "unknown-content-type"
        );
        assert_eq!(rule("user", json!({"text": "a"})), "parameter-missing");
        assert_eq!(rule("user", json!("a")), "wrong-type");
        assert_eq!(rule("user", json!({"type": "tool_use"})), "block-misplaced");
        assert_eq!(
            rule("assistant", json!({"type": "tool_result"})),
            "block-misplaced"
        );
        let thinks = |thinking: &str| {
            let signature = signature::of("Hm.");
            rule(
                "assistant",
                json!({"type": "thinking", "thinking": thinking, "signature": signature}),
            )
        };
        assert_eq!(
            (thinks("Hm.").as_str(), thinks("Ha.").as_str()),
            ("", "thinking-signature")
        );
        let result = |content: Value| {
            rule(
                "user",
                json!({"type": "tool_result", "tool_use_id": "a", "content": content}),
            )
        };
        assert_eq!(result(json!([{"type": "text", "text": ""}])), "text-empty");
        assert_eq!(
            result(json!([{"type": "image_url"}])),
            "unknown-content-type"
        );
        assert_eq!(result(json!({"text": "a"})), "wrong-type");
    }

    #[test]
    fn the_new_version_is_stricter() {
        let document = json!({"type": "document", "source": {}});
        let cited = json!({"type": "text", "text": "a", "citations": [{"type": "char_location"}]});
        let found = json!({"type": "search_result", "content": [cited]});
        for (role, block) in [
            ("assistant", document.clone()),
            ("user", cited.clone()),
            ("user", found),
        ] {
            assert_eq!(told(role, Version::Old, block.clone()).0, "", "{block}");
            assert_ne!(told(role, Version::New, block.clone()).0, "", "{block}");
        }
        assert_eq!(told("user", Version::New, document).0, "");
        assert_eq!(told("assistant", Version::New, cited).0, "");
    }

    #[test]
    fn the_words_are_the_providers() {
        let (_, message) = told(
            "assistant",
            Version::Old,
            json!({"type": "tool_use", "id": "a", "name": "b", "input": ""}),
        );
        assert_eq!(
            message,
            "messages.1.content.0.tool_use.input: Input should be an object"
        );
        let (_, message) = told("assistant", Version::Old, json!({"type": "tool_result"}));
        assert_eq!(
            message,
            "messages.1: `tool_result` blocks can only be in `user` messages"
        );
    }
}

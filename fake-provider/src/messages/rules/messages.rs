//! The rules for messages: roles, contents, and who speaks first and last.

use super::super::version::Version;
use super::blocks::{self, Place};
use super::{results, words};
use crate::json::Value;
use crate::protocol::Violation;

/// A message after its first checks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) role: &'a str,
    /// Its place among all.
    pub(super) index: usize,
    /// Its blocks; none where its content is a string.
    pub(super) blocks: &'a [Value<'a>],
}

/// Checks the messages of a request, and hands them on.
pub(super) fn check<'a>(
    body: &'a Value<'a>,
    version: Version,
) -> Result<Vec<Message<'a>>, Violation> {
    let messages = match &body["messages"] {
        Value::Null => return Err(words::missing("messages")),
        Value::Array(messages) if messages.is_empty() => {
            let what = "at least one message is required";
            return Err(words::at("empty-array", "messages", what));
        }
        Value::Array(messages) => messages,
        _ => return Err(words::wrong_type("messages", "valid list")),
    };
    let last = messages.len() - 1;
    let mut checked = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let role = role(message, index)?;
        let may_be_empty = index == last && role == "assistant";
        let blocks = content(message, may_be_empty, (role, index, version))?;
        checked.push(Message {
            role,
            index,
            blocks,
        });
    }
    results::check(&checked)?;
    Ok(checked)
}

fn role<'a>(message: &'a Value<'_>, index: usize) -> Result<&'a str, Violation> {
    let path = format!("messages.{index}");
    let Some(members) = message.as_object() else {
        return Err(words::at("wrong-type", &path, "Input should be an object"));
    };
    words::only(members, &["role", "content"], &path)?;
    let at = format!("{path}.role");
    match words::string(&message["role"], &at)? {
        "user" => Ok("user"),
        "system" if index > 0 => Ok("system"),
        // As captured in 2026; in the middle of a conversation the newer models take it.
        "system" => {
            let what = "use the top-level 'system' parameter for the initial system prompt";
            Err(words::at("role-system", &path, what))
        }
        "assistant" if index > 0 => Ok("assistant"),
        "assistant" => {
            let what = "first message must use the \"user\" role";
            Err(words::at("role-first", "messages", what))
        }
        _ => {
            let what = "Input should be 'user', 'assistant' or 'system'";
            Err(words::at("unknown-role", &at, what))
        }
    }
}

fn content<'a>(
    message: &'a Value<'a>,
    may_be_empty: bool,
    (role, index, version): (&str, usize, Version),
) -> Result<&'a [Value<'a>], Violation> {
    let at = format!("messages.{index}.content");
    let (is_empty, blocks): (bool, &[Value]) = match &message["content"] {
        Value::Null => return Err(words::missing(&at)),
        Value::String(text) => {
            if !text.is_empty() {
                blocks::text_is_not_empty(text, "messages")?;
            }
            (text.is_empty(), &[])
        }
        Value::Array(blocks) => (blocks.is_empty(), blocks),
        _ => return Err(words::wrong_type(&at, "valid list")),
    };
    if is_empty && !may_be_empty {
        let what = "all messages must have non-empty content except for the optional final assistant message";
        return Err(words::at(
            "content-missing",
            &format!("messages.{index}"),
            what,
        ));
    }
    for (block, value) in blocks.iter().enumerate() {
        let place = Place {
            role,
            message: index,
            block,
            version,
        };
        blocks::check(value, place)?;
    }
    Ok(blocks)
}

/// Whether the last message is the model's own, for it to continue: the models since 4.6 refuse that.
pub(super) fn check_prefill(messages: &[Message<'_>], model: &str) -> Result<(), Violation> {
    let Some(last) = messages.last().filter(|last| last.role == "assistant") else {
        return Ok(());
    };
    // What ends with a server's tool is a turn that was paused, and goes on.
    let kind = last.blocks.last().and_then(|block| block["type"].as_str());
    let paused =
        kind.is_some_and(|kind| !matches!(kind, "text" | "thinking" | "redacted_thinking"));
    if paused || takes_prefill(model) {
        return Ok(());
    }
    let message = "This model does not support assistant message prefill. The conversation must end with a user message.";
    Err(Violation::new("prefill", message).at("messages"))
}

/// The models up to 4.5.
fn takes_prefill(model: &str) -> bool {
    let old = ["claude-2", "claude-3", "claude-instant"];
    let four = ["-4-0", "-4-1", "-4-5", "-4-2025"];
    old.iter().any(|name| model.starts_with(name)) || four.iter().any(|part| model.contains(part))
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn told(messages: &Value) -> (&'static str, String) {
        let body = json!({"messages": messages});
        let checked = check(&body, Version::New)
            .and_then(|messages| check_prefill(&messages, "claude-opus-5-5"));
        checked.map_or_else(
            |broken| (broken.rule, broken.message),
            |()| ("", String::new()),
        )
    }

    fn rule(messages: Value) -> &'static str {
        told(&messages).0
    }

    #[test]
    fn turns_of_one_role_may_follow_each_other() {
        assert_eq!(
            rule(json!([
                {"role": "user", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}]},
                {"role": "assistant", "content": "c"}, {"role": "system", "content": "d"}, {"role": "user", "content": "e"},
            ])),
            ""
        );
    }

    #[test]
    fn roles_and_contents_are_checked() {
        let user = json!({"role": "user", "content": "hi"});
        assert_eq!(rule(Value::Null), "parameter-missing");
        assert_eq!(rule(json!([])), "empty-array");
        assert_eq!(rule(json!("hi")), "wrong-type");
        assert_eq!(rule(json!(["hi"])), "wrong-type");
        assert_eq!(
            rule(json!([{"role": "assistant", "content": "x"}, user])),
            "role-first"
        );
        assert_eq!(
            rule(json!([{"role": "system", "content": "x"}, user])),
            "role-system"
        );
        assert_eq!(
            rule(json!([user, {"role": "tool", "content": "x"}])),
            "unknown-role"
        );
        assert_eq!(rule(json!([{"role": "user"}])), "parameter-missing");
        assert_eq!(rule(json!([{"role": "user", "content": 3}])), "wrong-type");
        assert_eq!(
            rule(json!([{"role": "user", "content": ""}])),
            "content-missing"
        );
        assert_eq!(
            rule(json!([{"role": "user", "content": []}])),
            "content-missing"
        );
        assert_eq!(
            rule(json!([{"role": "user", "content": "  "}])),
            "text-empty"
        );
        assert_eq!(
            told(&json!([user, {"role": "assistant", "content": "x", "reasoning_details": []}])),
            (
                "unknown-parameter",
                "messages.1.reasoning_details: Extra inputs are not permitted".into()
            )
        );
    }

    #[test]
    fn the_last_word_is_the_users_with_the_newer_models() {
        let body = json!({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "The"}]});
        let messages = check(&body, Version::Old).expect("is fine");
        for (model, takes) in [
            ("claude-opus-5-5", false),
            ("fake-model", false),
            ("claude-sonnet-4-6", false),
            ("claude-sonnet-4-20250514", true),
            ("claude-3-5-haiku-latest", true),
        ] {
            assert_eq!(check_prefill(&messages, model).is_ok(), takes, "{model}");
        }
    }
}

//! The rules of the real provider for a request, and its own words for a broken one. The first broken rule is told.
//!
//! Strict where the real provider is: it refuses members that it does not know. Sources: its documentation, the types of its own
//! clients (anthropic 2.10.0 for Python), and errors quoted in public trackers.

mod blocks;
mod messages;
mod results;
mod tools;
mod words;

use self::messages::Message;
use super::version::Version;
use crate::json::Value;
use crate::protocol::Violation;

/// Members of a request; those that only a beta takes among them.
const MEMBERS: [&str; 30] = [
    "billing_policy",
    "cache_control",
    "compaction",
    "container",
    "context_management",
    "diagnostics",
    "fallback_credit_token",
    "fallbacks",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "messages",
    "metadata",
    "model",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "thread",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
    "user_profile_id",
    "workspace_id",
];

/// Gone since 2026-10-21, whatever their value: docs/en/api/migration-2026-10-21.
const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];

/// So many tokens the newest models write at most.
const MOST_TOKENS: u64 = 128_000;

/// Checks a whole request.
pub(super) fn check(body: &Value, version: Version) -> Result<(), Violation> {
    members(body, version)?;
    let model = model(body)?;
    let most = most_tokens(body, model)?;
    let messages = conversation(body, version)?;
    thinking(body, Some(most))?;
    messages::check_prefill(&messages, model)
}

/// Checks a request for a count of tokens, which writes none.
pub(super) fn check_count(body: &Value, version: Version) -> Result<(), Violation> {
    members(body, version)?;
    model(body)?;
    conversation(body, version)?;
    thinking(body, None)
}

fn members(body: &Value, version: Version) -> Result<(), Violation> {
    let Some(members) = body.as_object() else {
        let message = "Input should be a valid dictionary or object to extract fields from";
        return Err(Violation::new("wrong-type", message));
    };
    if version == Version::New {
        let sampling = SAMPLING.into_iter().find(|name| !body[*name].is_null());
        if let Some(name) = sampling {
            return Err(words::extra(name));
        }
    }
    words::only(members, &MEMBERS, "")?;
    stream(body)?;
    sampling(body)
}

fn stream(body: &Value) -> Result<(), Violation> {
    match &body["stream"] {
        Value::Null | Value::Bool(_) => {}
        _ => return Err(words::wrong_type("stream", "valid boolean")),
    }
    let sequences = match &body["stop_sequences"] {
        Value::Null => return Ok(()),
        Value::Array(sequences) => sequences,
        _ => return Err(words::wrong_type("stop_sequences", "valid list")),
    };
    for (index, sequence) in sequences.iter().enumerate() {
        let text = words::string(sequence, &format!("stop_sequences.{index}"))?;
        if text.trim().is_empty() {
            let what = "each stop sequence must contain non-whitespace";
            return Err(words::at("stop-sequence-empty", "stop_sequences", what));
        }
    }
    Ok(())
}

fn sampling(body: &Value) -> Result<(), Violation> {
    for name in ["temperature", "top_p"] {
        let what = match &body[name] {
            Value::Null => continue,
            Value::Number(number) => match number.as_f64() {
                Some(value) if value < 0.0 => "Input should be greater than or equal to 0",
                Some(value) if value > 1.0 => "Input should be less than or equal to 1",
                _ => continue,
            },
            _ => return Err(words::wrong_type(name, "valid number")),
        };
        return Err(words::at("out-of-range", name, what));
    }
    words::whole_number(&body["top_k"], "top_k", 0).map(|_| ())
}

fn model<'a>(body: &'a Value<'_>) -> Result<&'a str, Violation> {
    match words::string(&body["model"], "model")? {
        "" => {
            let what = "String should have at least 1 character";
            Err(words::at("model-missing", "model", what))
        }
        model => Ok(model),
    }
}

fn most_tokens(body: &Value, model: &str) -> Result<u64, Violation> {
    let most = words::whole_number(&body["max_tokens"], "max_tokens", 1)?;
    match most {
        None => Err(words::missing("max_tokens")),
        Some(most) if most > MOST_TOKENS => {
            let what = format!(
                "{most} > {MOST_TOKENS}, which is the maximum allowed number of output tokens for {model}"
            );
            Err(words::at("out-of-range", "max_tokens", &what))
        }
        Some(most) => Ok(most),
    }
}

fn conversation<'a>(body: &'a Value<'a>, version: Version) -> Result<Vec<Message<'a>>, Violation> {
    system(&body["system"])?;
    let messages = messages::check(body, version)?;
    tools::check(body, &messages)?;
    Ok(messages)
}

fn system(system: &Value) -> Result<(), Violation> {
    let blocks = match system {
        Value::Null | Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err(words::wrong_type("system", "valid list")),
    };
    for (index, block) in blocks.iter().enumerate() {
        let path = format!("system.{index}");
        match words::tag(block, &path)? {
            "text" => {}
            kind => return Err(words::unknown_tag(kind, &["text"], &path)),
        }
        let text = words::string(&block["text"], &format!("{path}.text"))?;
        blocks::text_is_not_empty(text, "system")?;
    }
    Ok(())
}

fn thinking(body: &Value, most: Option<u64>) -> Result<(), Violation> {
    let thinking = &body["thinking"];
    // Some betas say how blocks are bound and leave the type out.
    let Some(kind) = thinking["type"].as_str() else {
        return Ok(());
    };
    match kind {
        "enabled" => {}
        "adaptive" | "disabled" => return Ok(()),
        kind => {
            let known = ["adaptive", "disabled", "enabled"];
            return Err(words::unknown_tag(kind, &known, "thinking"));
        }
    }
    let at = "thinking.enabled.budget_tokens";
    let budget = words::whole_number(&thinking["budget_tokens"], at, 1024)?;
    let budget = budget.ok_or_else(|| words::missing(at))?;
    if most.is_some_and(|most| most <= budget) {
        let message = "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                       https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
        return Err(Violation::new("thinking-budget", message).at("max_tokens"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn told(version: Version, change: &Value) -> (&'static str, String) {
        let mut body =
            json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
        for (name, value) in change.as_object().expect("is an object") {
            body.set(name, value.clone());
        }
        let checked = check(&body, version);
        checked.map_or_else(
            |broken| (broken.rule, broken.message),
            |()| ("", String::new()),
        )
    }

    fn rule(change: Value) -> &'static str {
        told(Version::Old, &change).0
    }

    #[test]
    fn a_plain_request_is_fine() {
        for change in [
            json!({}),
            json!({"system": "", "stream": true, "metadata": {"user_id": "u"}, "stop_sequences": ["x"], "temperature": 1}),
            json!({"system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]}),
            json!({"max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 1024}}),
            json!({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"}}),
        ] {
            assert_eq!(rule(change.clone()), "", "{change}");
        }
    }

    #[test]
    fn broken_rules_are_named() {
        assert_eq!(rule(json!({"model": null})), "parameter-missing");
        assert_eq!(rule(json!({"model": 3})), "wrong-type");
        assert_eq!(rule(json!({"model": ""})), "model-missing");
        assert_eq!(rule(json!({"max_tokens": null})), "parameter-missing");
        assert_eq!(rule(json!({"max_tokens": 0})), "out-of-range");
        assert_eq!(rule(json!({"max_tokens": 1.5})), "wrong-type");
        assert_eq!(rule(json!({"max_tokens": 128_001})), "out-of-range");
        assert_eq!(rule(json!({"stream": "yes"})), "wrong-type");
        assert_eq!(
            rule(json!({"stop_sequences": [" "]})),
            "stop-sequence-empty"
        );
        assert_eq!(rule(json!({"temperature": 1.5})), "out-of-range");
        assert_eq!(rule(json!({"temperature": "hot"})), "wrong-type");
        assert_eq!(rule(json!({"system": 3})), "wrong-type");
        assert_eq!(
            rule(json!({"system": [{"type": "text", "text": ""}]})),
            "text-empty"
        );
        assert_eq!(
            rule(json!({"thinking": {"type": "on"}})),
            "unknown-content-type"
        );
        let budget =
            |tokens: u64| rule(json!({"thinking": {"type": "enabled", "budget_tokens": tokens}}));
        assert_eq!(
            (budget(1000), budget(1024)),
            ("out-of-range", "thinking-budget")
        );
        assert_eq!(
            check(&json!([]), Version::Old).map_err(|broken| broken.rule),
            Err("wrong-type")
        );
    }

    #[test]
    fn members_of_other_dialects_are_refused() {
        for name in [
            "stream_options",
            "max_completion_tokens",
            "n",
            "response_format",
        ] {
            let (rule, message) = told(Version::Old, &json!({name: 1}));
            assert_eq!(rule, "unknown-parameter");
            assert_eq!(message, format!("{name}: Extra inputs are not permitted"));
        }
    }

    #[test]
    fn the_new_version_has_no_sampling() {
        for name in SAMPLING {
            let change = json!({name: 1});
            assert_eq!(told(Version::Old, &change).0, "");
            assert_eq!(
                told(Version::New, &change).1,
                format!("{name}: Extra inputs are not permitted")
            );
        }
    }

    #[test]
    fn a_count_needs_no_limit() {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        assert_eq!(check_count(&body, Version::New), Ok(()));
        assert!(check(&body, Version::New).is_err());
    }
}

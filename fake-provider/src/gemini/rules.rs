//! The rules of the real API for a request for an answer, in its own words. The members of all messages are checked at once and first,
//! as they are where JSON becomes messages; then the first broken rule is told.

mod fields;
mod shape;
mod tools;
mod turns;

use self::turns::invalid;
use super::request::{member, parts};
use super::route;
use crate::json::Value;
use crate::protocol::{Checked, Violation};

/// Checks a whole request.
pub(super) fn check(checked: &Checked<'_>) -> Result<(), Violation> {
    fields::check(checked.body)?;
    let route = route::route(checked.request);
    let named = route.as_ref().and_then(|route| route.model.as_deref());
    let model = named.unwrap_or_default();
    self::model(model)?;
    turns::check(checked.body, model.starts_with("gemini-3"))?;
    tools::check(checked.body)?;
    generation(member(checked.body, "generationConfig"))
}

/// What is counted: the contents of a request for a count of tokens, or those of the request in it.
pub(super) fn counted<'a>(body: &'a Value<'a>) -> Result<Vec<&'a Value<'a>>, Violation> {
    let inner = member(body, "generateContentRequest");
    let contents = match inner.is_object() {
        true => &inner["contents"],
        false => &body["contents"],
    };
    let contents: Vec<&Value> = parts(contents).collect();
    match contents.is_empty() {
        true => Err(Violation::new(
            "contents-missing",
            "* CountTokensRequest.contents: contents is not specified\n",
        )),
        false => Ok(contents),
    }
}

/// In these words: `recorded/gemini/error-400-model-name.json`.
fn model(name: &str) -> Result<(), Violation> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@/".contains(&byte);
    match !name.is_empty() && name.bytes().all(legal) {
        true => Ok(()),
        false => Err(invalid(
            "model-name",
            "model",
            "unexpected model name format",
        )),
    }
}

fn generation(config: &Value) -> Result<(), Violation> {
    let ranges = [
        ("temperature", "temperature", 0.0, 2.0, "[0.0, 2.0]"),
        ("topP", "top_p", 0.0, 1.0, "[0.0, 1.0]"),
        ("candidateCount", "candidate_count", 1.0, 8.0, "[1, 8]"),
    ];
    for (name, field, least, most, range) in ranges {
        let value = member(config, name);
        if value
            .as_f64()
            .is_some_and(|value| value < least || value > most)
        {
            let what = format!("{field} must be in the range {range}.");
            return Err(invalid(
                "out-of-range",
                &format!("generation_config.{field}"),
                &what,
            ));
        }
    }
    if member(config, "maxOutputTokens")
        .as_f64()
        .is_some_and(|tokens| tokens < 1.0)
    {
        let what = "max_output_tokens must be positive.";
        return Err(invalid(
            "out-of-range",
            "generation_config.max_output_tokens",
            what,
        ));
    }
    if parts(member(config, "stopSequences")).count() > 5 {
        let what = "at most 5 stop sequences are supported.";
        return Err(invalid(
            "out-of-range",
            "generation_config.stop_sequences",
            what,
        ));
    }
    let thinking = member(config, "thinkingConfig");
    if !member(thinking, "thinkingBudget").is_null() && !member(thinking, "thinkingLevel").is_null()
    {
        // Spelt as the API spells it (vercel/ai, `issue-22372-live-errors.json`).
        let message = "You can only set only one of thinking budget and thinking level.";
        return Err(Violation::new("thinking-twice", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;
    use crate::http::Request;
    use crate::memory::Memory;

    fn broken(model: &str, change: Value) -> Option<Violation> {
        let mut body = json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]});
        for (name, value) in change.as_object().expect("is an object") {
            body.set(name, value.clone());
        }
        let request = Request {
            path: format!("/v1beta/models/{model}:generateContent"),
            ..Request::default()
        };
        let memory = Memory::default();
        let checked = Checked {
            request: &request,
            body: &body,
            raw_arguments: &[],
            memory: &memory,
        };
        check(&checked).err()
    }

    fn rule(change: Value) -> &'static str {
        broken("gemini-3-pro", change).map_or("", |violation| violation.rule)
    }

    #[test]
    fn a_plain_request_is_fine() {
        assert_eq!(rule(json!({})), "");
        let config = json!({"temperature": 2, "topP": 0.5, "maxOutputTokens": 1, "thinkingConfig": {"thinkingLevel": "low"}});
        assert_eq!(rule(json!({"generationConfig": config})), "");
    }

    #[test]
    fn broken_rules_are_named() {
        let config = |config: Value| rule(json!({"generationConfig": config}));
        assert_eq!(rule(json!({"contents": []})), "contents-missing");
        assert_eq!(rule(json!({"stream": true})), "unknown-field");
        assert_eq!(rule(json!({"contents": "hi"})), "wrong-type");
        assert_eq!(config(json!({"temperature": 2.5})), "out-of-range");
        assert_eq!(config(json!({"top_p": -1})), "out-of-range");
        assert_eq!(config(json!({"max_output_tokens": 0})), "out-of-range");
        assert_eq!(
            config(json!({"stopSequences": ["", "", "", "", "", ""]})),
            "out-of-range"
        );
        let both = json!({"thinkingConfig": {"thinkingLevel": "low", "thinkingBudget": 3}});
        assert_eq!(config(both), "thinking-twice");
        let named = broken("bad%20model", json!({})).expect("is broken");
        assert_eq!(
            named.message,
            "* GenerateContentRequest.model: unexpected model name format\n"
        );
    }
}

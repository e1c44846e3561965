//! What is asked beside conversations: the list of models, one of them, and a count of tokens. Never counts as a call.

use serde_json::json;

use super::rules;
use super::version;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::{Around, Document, Operation, Problem, Violation};

/// Models that are always there, beside those that the script names. The newest come first.
const ALWAYS: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-5", "fake-model"];

/// So many models are on a page unless the query says otherwise.
const PAGE: usize = 20;

/// What is asked of the list of models, if the path is about it.
pub(super) fn operation(request: &Request) -> Option<Operation> {
    let path = request.path.trim_end_matches('/');
    if path != "/v1/models" && !path.starts_with("/v1/models/") {
        return None;
    }
    Some(match request.method.as_str() {
        "GET" => Operation::Document,
        _ => Operation::NotAllowed("GET"),
    })
}

/// The answer to any of them.
pub(super) fn document(
    request: &Request,
    around: &Around<'_>,
) -> Result<Document, Problem<'static>> {
    let version = version::wanted(request).map_err(Problem::Violation)?;
    let path = request.path.trim_end_matches('/');
    if path.ends_with("/count_tokens") {
        let body = serde_json::from_slice(&request.body).map_err(|_| Problem::NotJson)?;
        rules::check_count(&body, version).map_err(Problem::Violation)?;
        return Ok(json!({"input_tokens": tokens(&body)}));
    }
    match path.strip_prefix("/v1/models/") {
        Some(model) => Ok(one(model)),
        None => list(request, around).map_err(Problem::Violation),
    }
}

/// About four bytes a token, and a few for every message: what a fake can know.
fn tokens(body: &Value) -> usize {
    match body {
        Value::String(text) => text.len().div_ceil(4),
        Value::Array(items) => items.iter().map(|item| tokens(item) + 2).sum(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !["type", "role", "model"].contains(name))
            .map(|(_, member)| tokens(member))
            .sum(),
        _ => 1,
    }
}

/// A page of the list, as the query's `limit`, `after_id` and `before_id` have it.
fn list(request: &Request, around: &Around<'_>) -> Result<Document, Violation> {
    let names = around.names(&ALWAYS);
    let limit = match request.parameter("limit") {
        None => PAGE,
        Some(limit) => match limit.parse() {
            Ok(limit @ 1..=1000) => limit,
            _ => {
                let message = "limit: Input should be a valid integer between 1 and 1000";
                return Err(Violation::new("out-of-range", message));
            }
        },
    };
    let place = |id: &str| names.iter().position(|name| *name == id);
    let after = request.parameter("after_id").and_then(place);
    let before = request.parameter("before_id").and_then(place);
    let begins = after.map_or(0, |place| place + 1);
    let ends = before.unwrap_or(names.len()).max(begins);
    let all = &names[begins..ends];
    let many = limit.min(all.len());
    let page = match (after, before) {
        // Who pages backwards gets what stands right before.
        (None, Some(_)) => &all[all.len() - many..],
        _ => &all[..many],
    };
    Ok(json!({
        "data": page.iter().map(|name| one(name)).collect::<Vec<Document>>(),
        "has_more": page.len() < all.len(),
        "first_id": page.first(),
        "last_id": page.last(),
    }))
}

/// There is every model that is asked for. The members are those of the provider's description.
fn one(id: &str) -> Document {
    json!({
        "type": "model",
        "id": id,
        "display_name": id,
        "created_at": "2026-09-28T00:00:00Z",
        "lifecycle": "active",
        "deprecated_at": null,
        "retires_at": null,
        "line": null,
        "max_input_tokens": 200_000,
        "max_tokens": 128_000,
        "capabilities": null,
    })
}

#[cfg(test)]
mod tests {
    use provider_script::Script;

    use super::super::version::tests::request;
    use serde_json::Value;

    use super::*;
    use crate::memory::Memory;

    fn asked(path: &str, query: &str, body: &[u8]) -> Result<Value, String> {
        let request = Request {
            path: path.into(),
            query: query.into(),
            body: body.to_vec(),
            ..request("2026-10-21")
        };
        let around = Around {
            script: &Script::default(),
            models: &[],
            memory: &Memory::default(),
            seed: 0,
        };
        document(&request, &around).map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn the_list_comes_in_pages() {
        let page = |query: &str| {
            let list = asked("/v1/models", query, b"").expect("is a list");
            let ids = list["data"].as_array().expect("is a list").iter();
            let ids: Vec<String> = ids.map(|model| model["id"].to_string()).collect();
            (
                ids.len(),
                list["first_id"].clone(),
                list["has_more"].clone(),
            )
        };
        assert_eq!(page(""), (3, json!("claude-opus-5-5"), json!(false)));
        assert_eq!(page("limit=2"), (2, json!("claude-opus-5-5"), json!(true)));
        assert_eq!(
            page("limit=2&after_id=claude-opus-5-5"),
            (2, json!("claude-sonnet-5-5"), json!(false))
        );
        assert_eq!(
            page("before_id=claude-sonnet-5-5"),
            (1, json!("claude-opus-5-5"), json!(false))
        );
        assert_eq!(
            page("limit=1&before_id=fake-model"),
            (1, json!("claude-sonnet-5-5"), json!(true))
        );
        assert_eq!(page("after_id=fake-model"), (0, Value::Null, json!(false)));
        assert!(asked("/v1/models", "limit=0", b"").is_err());
        let one = asked("/v1/models/claude-haiku-5", "", b"").expect("is a model");
        assert_eq!(one["id"], "claude-haiku-5");
    }

    #[test]
    fn tokens_are_counted_in_what_is_a_request() {
        let count =
            |body: Value| asked("/v1/messages/count_tokens", "", body.to_string().as_bytes());
        let body =
            |text: &str| json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        let short = count(body("Hello there")).expect("is counted");
        let long = count(body(&"Hello there".repeat(40))).expect("is counted");
        assert!(short["input_tokens"].as_u64() < long["input_tokens"].as_u64());
        assert_eq!(short["input_tokens"], 5);
        assert!(count(json!({"model": "m"})).is_err());
        assert!(asked("/v1/messages/count_tokens", "", b"{").is_err());
    }
}

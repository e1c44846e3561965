//! The list of models. Never counts as a call.

use serde_json::{Value, json};

use crate::http::Request;
use crate::protocol::{Around, Operation};

/// Models that are always there, beside those that the script names.
const ALWAYS: [&str; 3] = ["fake-model", "gpt-4o", "gpt-4o-mini"];

/// What is asked of the list of models, if the path is about it.
pub(crate) fn operation(request: &Request) -> Option<Operation> {
    let path = rooted(&request.path);
    if path != "/models" && path.strip_prefix("/models/").is_none() {
        return None;
    }
    Some(match request.method.as_str() {
        "GET" => Operation::Document,
        _ => Operation::NotAllowed("GET"),
    })
}

/// The list, or the one model that the path names.
pub(crate) fn document(request: &Request, around: &Around<'_>) -> Value {
    match rooted(&request.path).strip_prefix("/models/") {
        Some(model) => one(model),
        None => list(around),
    }
}

/// Whether there is such a model. There is every one, but for those that say of themselves that there is none: whoever wants to
/// see that error asks for such a name.
pub(crate) fn exists(model: &str) -> bool {
    let none = ["does-not-exist", "non-existent", "nonexistent"];
    !model.is_empty() && !none.iter().any(|word| model.contains(word))
}

/// A path without the version that some clients leave out, and without a slash at its end.
pub(crate) fn rooted(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_prefix("/v1").unwrap_or(path)
}

/// The answer to `GET /v1/models`.
fn list(around: &Around<'_>) -> Value {
    let mut names = around.names(&ALWAYS);
    names.sort_unstable();
    let data: Vec<Value> = names.into_iter().map(one).collect();
    json!({"object": "list", "data": data})
}

/// The answer to `GET /v1/models/{id}`: there is every model that is asked for.
fn one(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 1_715_367_049, "owned_by": "system"})
}

//! The list of models. Never counts as a call.

use provider_script::Script;
use serde_json::{Value, json};

/// Models that are always there, beside those that the script names.
const ALWAYS: [&str; 3] = ["fake-model", "gpt-4o", "gpt-4o-mini"];

/// The answer to `GET /v1/models`.
pub(crate) fn list(script: &Script) -> Value {
    let named = script
        .entries
        .iter()
        .filter_map(|entry| entry.when.model.as_deref());
    let mut names: Vec<&str> = ALWAYS.into_iter().chain(named).collect();
    names.sort_unstable();
    names.dedup();
    let data: Vec<Value> = names.into_iter().map(one).collect();
    json!({"object": "list", "data": data})
}

/// The answer to `GET /v1/models/{id}`: there is every model that is asked for.
pub(crate) fn one(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 1_715_367_049, "owned_by": "system"})
}

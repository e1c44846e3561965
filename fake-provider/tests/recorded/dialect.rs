//! What the comparison has to know of a dialect. Knows none itself but by name.

use serde_json::Value;

use crate::anthropic_messages;
use crate::index::Exchange;
use crate::known::Known;
use crate::{gemini, ollama, openai_chat, openai_embeddings, openai_responses, quirks};

/// A folder of recordings, and how to make the provider say the same.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The folder beside this one.
    pub(crate) folder: &'static str,
    /// The entry of a script that says what was recorded.
    pub(crate) entry: fn(&Exchange) -> Value,
    /// The request that it answers.
    pub(crate) asks: fn(&Exchange) -> Asks,
    /// The frames of a stream; what is no JSON is null.
    pub(crate) frames: fn(&str) -> Vec<Value>,
    /// What kind of frame this is: frames of one kind that follow each other are compared as one.
    pub(crate) kind: fn(&Value) -> String,
    /// Fields that are the same in every frame of a stream that has them.
    pub(crate) constant: &'static [&'static str],
    /// What the names of the recordings begin with: something has to be recorded of each.
    pub(crate) kinds: &'static [&'static str],
    pub(crate) known: &'static [Known],
}

/// A request.
#[derive(Debug)]
pub(crate) struct Asks {
    /// From the host on.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// Null for a GET.
    pub(crate) body: Value,
}

/// Every folder that is compared.
pub(crate) const ALL: &[&Dialect] = &[
    &anthropic_messages::DIALECT,
    &openai_chat::DIALECT,
    &gemini::DIALECT,
    &openai_responses::DIALECT,
    &openai_embeddings::DIALECT,
    &ollama::DIALECT,
    &quirks::AZURE,
    &quirks::DEEPSEEK,
    &quirks::OPENROUTER,
    &quirks::VLLM,
    &quirks::EMPTY_FINISH,
];

/// The data of server-sent events. The terminal marker of some is no JSON.
pub(crate) fn events(stream: &str) -> Vec<Value> {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let read = data.map(|data| match data {
        "[DONE]" => Value::Null,
        data => serde_json::from_str(data).expect("is JSON"),
    });
    read.collect()
}

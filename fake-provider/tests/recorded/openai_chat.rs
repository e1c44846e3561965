//! Chat Completions: what was recorded, said again. Knows the dialect's bytes, and no encoder.

mod known;
mod said;

use serde_json::{Value, json};

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;

/// Chat Completions.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "openai-chat",
    entry: said::entry,
    asks,
    frames: dialect::events,
    kind,
    constant: &["id", "created", "model", "system_fingerprint"],
    kinds: &[
        "stream-text",
        "stream-tool-call",
        "stream-parallel-tool-calls",
        "whole-text",
        "whole-tool-call",
        "whole-parallel-tool-calls",
        "error-401",
        "error-404",
        "error-429",
    ],
    known: known::KNOWN,
};

fn asks(exchange: &Exchange) -> Asks {
    let mut body = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say this is a test"}]});
    if exchange.is_stream() {
        body["stream"] = json!(true);
    }
    if exchange.usage {
        body["stream_options"] = json!({"include_usage": true});
    }
    Asks {
        path: "/v1/chat/completions".into(),
        headers: Vec::new(),
        body,
    }
}

fn kind(frame: &Value) -> String {
    let choice = &frame["choices"][0];
    let call = &choice["delta"]["tool_calls"][0];
    if frame.is_null() {
        return "done".into();
    }
    if choice.is_null() {
        return "usage".into();
    }
    if call.is_object() {
        let what = if call["id"].is_string() {
            "start"
        } else {
            "arguments"
        };
        return format!("{what} of call {}", call["index"]);
    }
    let what = match &choice["delta"] {
        _ if choice["finish_reason"].is_string() => "finish",
        delta if delta["role"].is_string() => "role",
        _ => "content",
    };
    what.into()
}

//! Anthropic Messages: what was recorded, said again. Knows the dialect's bytes, and no encoder.

mod known;
mod said;

use serde_json::{Value, json};

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;

/// Anthropic Messages.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "anthropic-messages",
    entry: said::entry,
    asks,
    frames,
    kind,
    constant: &[],
    kinds: &[
        "stream-text",
        "stream-tool-call",
        "stream-parallel-tool-calls",
        "stream-reasoning",
        "stream-refusal",
        "whole-text",
        "whole-tool-call",
        "whole-parallel-tool-calls",
        "whole-reasoning",
        "count-tokens",
        "error-400",
        "error-401",
        "error-404",
        "error-429",
        "error-500",
        "error-529",
    ],
    known: known::KNOWN,
};

fn asks(exchange: &Exchange) -> Asks {
    let mut body = json!({
        "model": "claude-sonnet-4-20250514",
        "messages": [{"role": "user", "content": "Say hello in one word."}],
    });
    let counts = exchange.file.starts_with("count-tokens");
    if !counts {
        body["max_tokens"] = json!(100);
    }
    if exchange.is_stream() {
        body["stream"] = json!(true);
    }
    let path = if counts {
        "/v1/messages/count_tokens"
    } else {
        "/v1/messages"
    };
    Asks {
        path: path.into(),
        headers: vec![("anthropic-version", "2023-06-01"), ("x-api-key", "k")],
        body,
    }
}

/// All but the pings, which come whenever the provider finds that it is time.
fn frames(stream: &str) -> Vec<Value> {
    let mut frames = dialect::events(stream);
    frames.retain(|frame| frame["type"] != "ping");
    frames
}

fn kind(frame: &Value) -> String {
    let index = &frame["index"];
    let delta = &frame["delta"];
    match frame["type"].as_str().unwrap_or_default() {
        "content_block_start" => format!("start of block {index}"),
        "content_block_stop" => format!("stop of block {index}"),
        "content_block_delta" if delta["partial_json"] == "" => {
            format!("first input of block {index}")
        }
        "content_block_delta" => {
            let kind = delta["type"].as_str().unwrap_or_default();
            format!("{kind} of block {index}")
        }
        other => other.to_owned(),
    }
}

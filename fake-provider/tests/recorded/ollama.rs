//! Ollama: what was recorded, said again. Knows the dialect's bytes, and no encoder.

mod known;
mod said;

use serde_json::{Value, json};

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;

/// Ollama.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "ollama",
    entry: said::entry,
    asks,
    frames,
    kind,
    constant: &["id", "created", "model", "system_fingerprint"],
    kinds: &[
        "stream-text",
        "stream-parallel-tool-calls",
        "stream-reasoning",
        "stream-reasoning-tool-calls",
        "stream-length",
        "stream-compatible",
        "whole-text",
        "whole-generate",
        "whole-reasoning",
        "whole-compatible",
        "models",
        "error-400",
        "error-404",
        "error-500",
        "error-503",
    ],
    known: known::KNOWN,
};

fn asks(exchange: &Exchange) -> Asks {
    let messages = json!([{"role": "user", "content": "Say this is a test"}]);
    let (path, mut body) = match exchange.file.as_str() {
        file if file.starts_with("models") => ("/api/tags", Value::Null),
        file if file.contains("generate") => (
            "/api/generate",
            json!({"model": "llama3", "prompt": "Say this is a test"}),
        ),
        file if file.contains("compatible") => (
            "/v1/chat/completions",
            json!({"model": "llama3", "messages": messages}),
        ),
        _ => (
            "/api/chat",
            json!({"model": "llama3", "messages": messages}),
        ),
    };
    if body.is_object() {
        body["stream"] = json!(exchange.is_stream());
    }
    Asks {
        path: path.into(),
        headers: Vec::new(),
        body,
    }
}

/// Objects on lines, or events.
fn frames(stream: &str) -> Vec<Value> {
    if stream.starts_with("data: ") {
        return dialect::events(stream);
    }
    let lines = stream.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect()
}

fn kind(frame: &Value) -> String {
    let choice = &frame["choices"][0];
    let message = match choice {
        Value::Null => &frame["message"],
        choice => &choice["delta"],
    };
    let call = &message["tool_calls"][0];
    let what = match frame {
        Value::Null => "done",
        frame if frame["error"].is_string() => "error",
        frame if frame["done"] == true || choice["finish_reason"].is_string() => "end",
        _ if call.is_object() => {
            let index = call.get("index").unwrap_or(&call["function"]["index"]);
            return format!("call {index}");
        }
        _ if message["thinking"].is_string() || message["reasoning"].is_string() => "thinking",
        _ => "content",
    };
    what.into()
}

//! Ollama's `/api/chat`, after docs/api.md of its repository. Its calls have no ids here, as those of older servers.

use reference_agent::config::Dialect;
use serde_json::{Value, json};

use super::wire::{Call, End, Trouble, Wire, halves, items, words};

pub(super) const WIRE: Wire = Wire {
    dialect: Dialect::Ollama,
    paths: ["/api/chat", "/api/chat"],
    headers: &["authorization: Bearer sk-canary-0123456789"],
    media_type: "application/x-ndjson",
    text,
    calls,
    end_events: 1,
    whole_text,
    whole_calls,
    error,
    keep_alive: "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n",
    results,
    has_ids: false,
    models: (
        "/api/tags",
        |names| json!({"models": names.iter().map(|name| json!({"name": name, "model": name})).collect::<Vec<_>>()}),
    ),
};

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn answer(message: &Value, reason: Option<&str>) -> Value {
    let mut value = json!({"model": "model-1", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": reason.is_some()});
    if let Some(reason) = reason {
        value["done_reason"] = Value::from(reason);
        value["prompt_eval_count"] = Value::from(10);
        value["eval_count"] = Value::from(2);
    }
    value
}

fn said(text: &str) -> Value {
    json!({"role": "assistant", "content": text})
}

fn called(calls: &[Call]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(_, name, arguments)| {
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            json!({"function": {"name": name, "arguments": arguments}})
        })
        .collect();
    json!({"role": "assistant", "content": "", "tool_calls": calls})
}

fn text(words: &str, end: End) -> Vec<String> {
    let reason = match end {
        End::Complete => "stop",
        End::Length => "length",
        End::Filter => "content_filter",
    };
    let words = halves(words).map(|half| line(&answer(&said(half), None)));
    words
        .into_iter()
        .chain([line(&answer(&said(""), Some(reason)))])
        .collect()
}

fn calls(calls: &[Call]) -> Vec<String> {
    let lines = calls
        .iter()
        .map(|call| line(&answer(&called(&[*call]), None)));
    lines
        .chain([line(&answer(&said(""), Some("stop")))])
        .collect()
}

fn whole_text(words: &str) -> Value {
    answer(&said(words), Some("stop"))
}

fn whole_calls(calls: &[Call]) -> Value {
    answer(&called(calls), Some("stop"))
}

fn error(trouble: Trouble) -> String {
    line(&match trouble {
        Trouble::Overload => {
            json!({"error": "nonce-1: server busy, please try again.  maximum pending requests exceeded"})
        }
        Trouble::BadKey => json!({"error": "nonce-1: unauthorized"}),
    })
}

fn results(body: &Value) -> Vec<(String, String)> {
    let tools = items(&body["messages"]).filter(|message| message["role"] == "tool");
    tools
        .map(|message| (words(&message["tool_name"]), words(&message["content"])))
        .collect()
}

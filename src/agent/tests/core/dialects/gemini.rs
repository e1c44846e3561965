//! Gemini, after the reference of `generateContent`. Its calls have no ids here, as those of most models.

use reference_agent::config::Dialect;
use serde_json::{Value, json};

use super::wire::{Call, End, Trouble, Wire, halves, items, words};

pub(super) const WIRE: Wire = Wire {
    dialect: Dialect::Gemini,
    paths: [
        "/v1beta/models/model-1:streamGenerateContent?alt=sse",
        "/v1beta/models/model-1:generateContent",
    ],
    headers: &["x-goog-api-key: sk-canary-0123456789"],
    media_type: "text/event-stream",
    text,
    calls,
    end_events: 1,
    whole_text,
    whole_calls,
    error,
    keep_alive: "data: {\"responseId\":\"r\",\"modelVersion\":\"m\"}\r\n\r\n",
    results,
    has_ids: false,
    models: (
        "/v1beta/models",
        |names| json!({"models": names.iter().map(|name| json!({"name": format!("models/{name}")})).collect::<Vec<_>>()}),
    ),
};

pub(super) fn event(value: &Value) -> String {
    format!("data: {value}\r\n\r\n")
}

pub(super) fn answer(parts: &[Value], reason: &str) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    // Of the two tokens written, one was thought.
    let mut usage = json!({"promptTokenCount": 10, "totalTokenCount": 12});
    if !reason.is_empty() {
        candidate["finishReason"] = Value::from(reason);
        usage["candidatesTokenCount"] = Value::from(1);
        usage["thoughtsTokenCount"] = Value::from(1);
    }
    json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "model-1", "responseId": "r"})
}

fn text(said: &str, end: End) -> Vec<String> {
    let reason = match end {
        End::Complete => "STOP",
        End::Length => "MAX_TOKENS",
        End::Filter => "SAFETY",
    };
    let said = halves(said).map(|half| event(&answer(&[json!({"text": half})], "")));
    let end = event(&answer(&[json!({"text": ""})], reason));
    said.into_iter().chain([end]).collect()
}

fn parts(calls: &[Call]) -> Vec<Value> {
    let parts = calls.iter().map(|(_, name, arguments)| {
        let args: Value = serde_json::from_str(arguments).unwrap();
        json!({"functionCall": {"name": name, "args": args}})
    });
    parts.collect()
}

fn calls(calls: &[Call]) -> Vec<String> {
    let said = parts(calls)
        .into_iter()
        .map(|part| event(&answer(&[part], "")));
    said.chain([event(&answer(&[], "STOP"))]).collect()
}

fn whole_text(said: &str) -> Value {
    answer(&[json!({"text": said})], "STOP")
}

fn whole_calls(calls: &[Call]) -> Value {
    answer(&parts(calls), "STOP")
}

fn error(trouble: Trouble) -> String {
    event(&match trouble {
        Trouble::Overload => {
            json!({"error": {"code": 503, "message": "nonce-1", "status": "UNAVAILABLE"}})
        }
        Trouble::BadKey => {
            let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"});
            json!([{"error": {"code": 400, "message": "nonce-1", "status": "INVALID_ARGUMENT", "details": [info]}}])
        }
    })
}

fn results(body: &Value) -> Vec<(String, String)> {
    let parts = items(&body["contents"]).flat_map(|content| items(&content["parts"]));
    parts
        .filter_map(|part| part.get("functionResponse"))
        .map(|result| (words(&result["name"]), words(&result["response"]["result"])))
        .collect()
}

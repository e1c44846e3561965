//! Anthropic Messages, after the examples of its documentation.

use reference_agent::config::Dialect;
use serde_json::{Value, json};

use super::wire::{Call, End, Trouble, Wire, halves, items, words};

pub(super) const WIRE: Wire = Wire {
    dialect: Dialect::AnthropicMessages,
    paths: ["/v1/messages", "/v1/messages"],
    headers: &[
        "x-api-key: sk-canary-0123456789",
        "anthropic-version: 2023-06-01",
    ],
    media_type: "text/event-stream; charset=utf-8",
    text,
    calls,
    end_events: 2,
    whole_text,
    whole_calls,
    error,
    keep_alive: "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    results,
    has_ids: true,
    models: (
        "/v1/models",
        |names| json!({"data": names.iter().map(|name| json!({"type": "model", "id": name})).collect::<Vec<_>>(), "has_more": false}),
    ),
};

pub(super) fn event(kind: &str, fields: &Value) -> String {
    let mut value = fields.clone();
    value["type"] = Value::from(kind);
    format!("event: {kind}\ndata: {value}\n\n")
}

/// Of the ten tokens read, four came from a cache.
pub(super) fn begun() -> Vec<String> {
    let usage = json!({"input_tokens": 6, "cache_read_input_tokens": 4, "output_tokens": 1});
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "content": [], "stop_reason": null, "usage": usage});
    vec![
        event("message_start", &json!({"message": message})),
        WIRE.keep_alive.to_owned(),
    ]
}

pub(super) fn ended(reason: &str) -> [String; 2] {
    let delta = json!({"delta": {"stop_reason": reason, "stop_sequence": null}, "usage": {"output_tokens": 2}});
    [
        event("message_delta", &delta),
        event("message_stop", &json!({})),
    ]
}

pub(super) fn block(index: usize, start: &Value, deltas: &[Value]) -> Vec<String> {
    let mut events = vec![event(
        "content_block_start",
        &json!({"index": index, "content_block": start}),
    )];
    for delta in deltas {
        events.push(event(
            "content_block_delta",
            &json!({"index": index, "delta": delta}),
        ));
    }
    events.push(event("content_block_stop", &json!({"index": index})));
    events
}

pub(super) fn tool_use(index: usize, (id, name, arguments): &Call) -> Vec<String> {
    let start = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
    let [first, second] = halves(arguments);
    let deltas =
        ["", first, second].map(|part| json!({"type": "input_json_delta", "partial_json": part}));
    block(index, &start, &deltas)
}

fn text(said: &str, end: End) -> Vec<String> {
    let reason = match end {
        End::Complete => "end_turn",
        End::Length => "max_tokens",
        End::Filter => "refusal",
    };
    let deltas = halves(said).map(|half| json!({"type": "text_delta", "text": half}));
    let block = block(0, &json!({"type": "text", "text": ""}), &deltas);
    begun()
        .into_iter()
        .chain(block)
        .chain(ended(reason))
        .collect()
}

fn calls(calls: &[Call]) -> Vec<String> {
    let blocks = calls
        .iter()
        .enumerate()
        .flat_map(|(index, call)| tool_use(index, call));
    begun()
        .into_iter()
        .chain(blocks)
        .chain(ended("tool_use"))
        .collect()
}

fn whole(content: &[Value], reason: &str) -> Value {
    let usage = json!({"input_tokens": 10, "output_tokens": 2});
    json!({"id": "msg_1", "type": "message", "role": "assistant", "content": content, "stop_reason": reason, "usage": usage})
}

fn whole_text(said: &str) -> Value {
    whole(&[json!({"type": "text", "text": said})], "end_turn")
}

fn whole_calls(calls: &[Call]) -> Value {
    let blocks: Vec<Value> = calls
        .iter()
        .map(|(id, name, arguments)| {
            let input: Value = serde_json::from_str(arguments).unwrap();
            json!({"type": "tool_use", "id": id, "name": name, "input": input})
        })
        .collect();
    whole(&blocks, "tool_use")
}

fn error(trouble: Trouble) -> String {
    let kind = match trouble {
        Trouble::Overload => "overloaded_error",
        Trouble::BadKey => "authentication_error",
    };
    let error = json!({"details": null, "type": kind, "message": "nonce-1"});
    event("error", &json!({"error": error, "request_id": "req_1"}))
}

fn results(body: &Value) -> Vec<(String, String)> {
    let blocks = items(&body["messages"]).flat_map(|message| items(&message["content"]));
    blocks
        .filter(|block| block["type"] == "tool_result")
        .map(|block| (words(&block["tool_use_id"]), words(&block["content"])))
        .collect()
}

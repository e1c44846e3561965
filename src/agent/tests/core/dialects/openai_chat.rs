//! OpenAI Chat Completions.

use reference_agent::config::Dialect;
use serde_json::{Value, json};

use super::wire::{Call, End, Trouble, Wire, halves, items, words};
use crate::provider::{call_start, delta, done, event, finish, usage};

pub(super) const WIRE: Wire = Wire {
    dialect: Dialect::OpenaiChat,
    paths: ["/v1/chat/completions", "/v1/chat/completions"],
    headers: &["authorization: Bearer sk-canary-0123456789"],
    media_type: "text/event-stream",
    text,
    calls,
    end_events: 3,
    whole_text,
    whole_calls,
    error,
    keep_alive: ": keep-alive\n\n",
    results,
    has_ids: true,
    models: (
        "/v1/models",
        |names| json!({"object": "list", "data": names.iter().map(|name| json!({"id": name})).collect::<Vec<_>>()}),
    ),
};

fn text(said: &str, end: End) -> Vec<String> {
    let reason = match end {
        End::Complete => "stop",
        End::Length => "length",
        End::Filter => "content_filter",
    };
    let said = halves(said).map(delta);
    said.into_iter()
        .chain([finish(reason), usage(10, 2), done()])
        .collect()
}

fn calls(calls: &[Call]) -> Vec<String> {
    let mut events = Vec::new();
    for (index, (id, name, arguments)) in (0..).zip(calls) {
        let [first, second] = halves(arguments);
        events.push(call_start(index, id, name, first));
        let rest = json!({"index": index, "function": {"arguments": second}});
        events.push(event(
            &json!({"choices": [{"index": 0, "delta": {"tool_calls": [rest]}, "finish_reason": null}]}),
        ));
    }
    events.extend([finish("tool_calls"), usage(10, 2), done()]);
    events
}

fn whole_text(said: &str) -> Value {
    whole(&json!({"role": "assistant", "content": said}), "stop")
}

fn whole_calls(calls: &[Call]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(id, name, arguments)| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
        .collect();
    whole(
        &json!({"role": "assistant", "content": null, "tool_calls": calls}),
        "tool_calls",
    )
}

fn whole(message: &Value, reason: &str) -> Value {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12});
    json!({"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": usage})
}

fn error(trouble: Trouble) -> String {
    event(&match trouble {
        Trouble::Overload => json!({"error": {"message": "nonce-1", "type": "overloaded_error"}}),
        Trouble::BadKey => json!({"error": {"message": "nonce-1", "code": "invalid_api_key"}}),
    })
}

fn results(body: &Value) -> Vec<(String, String)> {
    let tools = items(&body["messages"]).filter(|message| message["role"] == "tool");
    tools
        .map(|message| (words(&message["tool_call_id"]), words(&message["content"])))
        .collect()
}

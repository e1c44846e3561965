//! OpenAI Responses, after the event sequences of its documentation and of production.

use reference_agent::config::Dialect;
use serde_json::{Value, json};

use super::wire::{Call, End, Trouble, Wire, halves, items, words};

pub(super) const WIRE: Wire = Wire {
    dialect: Dialect::OpenaiResponses,
    paths: ["/v1/responses", "/v1/responses"],
    headers: &["authorization: Bearer sk-canary-0123456789"],
    media_type: "text/event-stream",
    text,
    calls,
    end_events: 1,
    whole_text,
    whole_calls,
    error,
    keep_alive: "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":7}\n\n",
    results,
    has_ids: true,
    models: (
        "/v1/models",
        |names| json!({"object": "list", "data": names.iter().map(|name| json!({"id": name})).collect::<Vec<_>>()}),
    ),
};

pub(super) fn event(kind: &str, fields: &Value) -> String {
    let mut value = fields.clone();
    value["type"] = Value::from(kind);
    format!("event: {kind}\ndata: {value}\n\n")
}

fn begun() -> Vec<String> {
    let response = json!({"response": {"id": "resp_1", "object": "response", "status": "in_progress", "error": null, "output": []}});
    vec![
        event("response.created", &response),
        event("response.in_progress", &response),
    ]
}

fn text(said: &str, end: End) -> Vec<String> {
    let mut events = begun();
    let item = json!({"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []});
    events.push(event(
        "response.output_item.added",
        &json!({"output_index": 0, "item": item}),
    ));
    let place = |key: &str, value: &str| json!({"output_index": 0, "content_index": 0, "item_id": "msg_1", key: value});
    for half in halves(said) {
        events.push(event("response.output_text.delta", &place("delta", half)));
    }
    events.push(event("response.output_text.done", &place("text", said)));
    events.push(event(
        "response.output_item.done",
        &json!({"output_index": 0, "item": message(said)}),
    ));
    let (kind, details) = match end {
        End::Complete => ("completed", Value::Null),
        End::Length => ("incomplete", json!({"reason": "max_output_tokens"})),
        End::Filter => ("incomplete", json!({"reason": "content_filter"})),
    };
    let mut response = whole(vec![message(said)], kind);
    response["incomplete_details"] = details;
    events.push(event(
        &format!("response.{kind}"),
        &json!({"response": response}),
    ));
    events
}

fn calls(calls: &[Call]) -> Vec<String> {
    let mut events = begun();
    let mut output = Vec::new();
    for (index, call) in (0_u64..).zip(calls) {
        let mut begun = function_call(call);
        begun["arguments"] = Value::from("");
        events.push(event(
            "response.output_item.added",
            &json!({"output_index": index, "item": begun}),
        ));
        for half in halves(call.2) {
            events.push(event(
                "response.function_call_arguments.delta",
                &json!({"output_index": index, "delta": half}),
            ));
        }
        let done = json!({"output_index": index, "arguments": call.2});
        events.push(event("response.function_call_arguments.done", &done));
        output.push(function_call(call));
        events.push(event(
            "response.output_item.done",
            &json!({"output_index": index, "item": function_call(call)}),
        ));
    }
    events.push(event(
        "response.completed",
        &json!({"response": whole(output, "completed")}),
    ));
    events
}

pub(super) fn function_call((id, name, arguments): &Call) -> Value {
    json!({"id": format!("fc_{id}"), "type": "function_call", "status": "completed", "call_id": id, "name": name, "arguments": arguments})
}

fn message(said: &str) -> Value {
    let part = json!({"type": "output_text", "text": said, "annotations": []});
    json!({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]})
}

pub(super) fn whole(output: Vec<Value>, status: &str) -> Value {
    let usage = json!({"input_tokens": 10, "output_tokens": 2, "total_tokens": 12});
    json!({"id": "resp_1", "object": "response", "status": status, "error": null, "incomplete_details": null, "output": output, "usage": usage})
}

fn whole_text(said: &str) -> Value {
    whole(vec![message(said)], "completed")
}

fn whole_calls(calls: &[Call]) -> Value {
    whole(calls.iter().map(function_call).collect(), "completed")
}

fn error(trouble: Trouble) -> String {
    let (kind, code) = match trouble {
        Trouble::Overload => ("service_unavailable_error", "server_is_overloaded"),
        Trouble::BadKey => ("invalid_request_error", "invalid_api_key"),
    };
    let error = json!({"type": kind, "code": code, "message": "nonce-1", "param": null});
    event("error", &json!({"error": error, "sequence_number": 2}))
}

fn results(body: &Value) -> Vec<(String, String)> {
    let outputs = items(&body["input"]).filter(|item| item["type"] == "function_call_output");
    outputs
        .map(|item| (words(&item["call_id"]), words(&item["output"])))
        .collect()
}

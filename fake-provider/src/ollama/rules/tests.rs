//! Requests that break a rule, each with what is said, and requests that look wrong and are not.

use super::*;
use crate::http::Request;
use crate::json::json;
use crate::memory::Memory;

fn checked(path: &str, body: &Value) -> Result<(), Violation> {
    let request = Request {
        path: path.into(),
        ..Request::default()
    };
    check(&Checked {
        request: &request,
        body,
        raw_arguments: &["{\"cut".to_owned()],
        memory: &Memory::default(),
    })
}

fn said(path: &str, body: &Value) -> (&'static str, String, u16) {
    let violation = checked(path, body).expect_err("breaks a rule");
    (violation.rule, violation.message, violation.status)
}

/// A request of one message.
fn chat(message: Value) -> Value<'static> {
    json!({"model": "m", "messages": [message]})
}

#[test]
fn what_the_server_does_not_mind_is_fine() {
    let call =
        json!({"id": "c", "function": {"index": 0, "name": "list", "arguments": {"path": "src"}}});
    let raw = json!({"function": {"name": "list", "arguments": "{\"cut"}});
    for body in [
        chat(json!({"role": "robot", "content": "x", "smell": 3})),
        chat(json!({"role": "tool", "content": "of no call", "tool_call_id": "x"})),
        chat(json!({"role": "assistant", "content": null, "tool_calls": [call, raw]})),
        json!({"model": "m", "messages": [], "think": "high", "keep_alive": "1h30m", "format": {"type": "object"}}),
        json!({"model": "m", "options": {"temperature": 0, "stop": ["x"], "unknown": "x"}, "keep_alive": -1}),
    ] {
        assert_eq!(checked("/api/chat", &body), Ok(()), "{body}");
    }
}

#[test]
fn types_are_told_in_gos_words() {
    let cases = [
        (
            json!([]),
            "json: cannot unmarshal array into Go value of type api.ChatRequest",
        ),
        (
            json!({"model": 3}),
            "json: cannot unmarshal number into Go struct field ChatRequest.model of type string",
        ),
        (
            json!({"messages": ["x"]}),
            "json: cannot unmarshal string into Go struct field ChatRequest.messages of type api.Message",
        ),
        // Word for word as recorded: error-400-content.json.
        (
            chat(json!({"role": "user", "content": []})),
            "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string",
        ),
        (
            chat(
                json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}),
            ),
            "json: cannot unmarshal string into Go struct field \
             ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments",
        ),
        (
            json!({"model": "m", "tools": [{"function": {"parameters": {"required": "all"}}}]}),
            "json: cannot unmarshal string into Go struct field ChatRequest.tools.function.parameters.required of type \
             []json.RawMessage",
        ),
    ];
    for (body, message) in cases {
        assert_eq!(said("/api/chat", &body).1, message, "{body}");
    }
}

#[test]
fn the_servers_own_rules_have_its_words() {
    let with = |field: &str, value: Value| {
        let mut body = json!({"model": "m", "messages": []});
        body.set(field, value);
        said("/api/chat", &body)
    };
    assert_eq!(
        said("/api/chat", &json!({"messages": []})).1,
        "model is required"
    );
    assert_eq!(with("model", json!("")).0, "model-missing");
    assert_eq!(with("think", json!("deeply")).0, "think");
    assert_eq!(with("think", json!(3)).0, "think");
    assert_eq!(
        with("keep_alive", json!("soon")).1,
        "time: invalid duration \"soon\""
    );
    assert_eq!(
        with("top_logprobs", json!(21)).1,
        "top_logprobs must be between 0 and 20"
    );
    let option = with("options", json!({"num_predict": "many"}));
    assert_eq!(
        (option.1.as_str(), option.2),
        ("option \"num_predict\" must be of type integer", 500)
    );
    let image = chat(json!({"role": "user", "content": "x", "images": ["ab!d"]}));
    assert_eq!(
        said("/api/chat", &image).1,
        "illegal base64 data at input byte 2"
    );
}

#[test]
fn a_completion_has_rules_of_its_own() {
    let raw = json!({"model": "m", "prompt": "x", "raw": true, "system": "s"});
    assert_eq!(said("/api/generate", &raw).0, "raw-with-template");
    let prompt = json!({"model": "m", "prompt": ["x"]});
    let message =
        "json: cannot unmarshal array into Go struct field GenerateRequest.prompt of type string";
    assert_eq!(said("/api/generate", &prompt).1, message);
    assert_eq!(
        checked("/api/generate", &json!({"model": "m", "prompt": "x"})),
        Ok(())
    );
}

#[test]
fn the_compatible_path_is_checked_by_its_adapter() {
    let path = "/v1/chat/completions";
    let empty = json!({"model": "m", "messages": []});
    assert_eq!(said(path, &empty).1, "[] is too short - 'messages'");
    assert_eq!(
        said(path, &chat(json!({"role": "user", "content": 3}))).1,
        "invalid message content type: float64"
    );
    let cut =
        json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]});
    assert_eq!(said(path, &chat(cut)).1, "invalid tool call arguments");
    let nameless =
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]});
    let violation = checked(path, &nameless).expect_err("breaks a rule");
    assert_eq!(
        (violation.message.as_str(), violation.code),
        ("model is required", Some("api_error"))
    );
}

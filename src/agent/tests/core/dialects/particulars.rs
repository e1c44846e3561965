//! What only one dialect has.

use reference_agent::event::RunEvent;
use serde_json::{Value, json};

use super::wire::items;
use super::{anthropic_messages, gemini, ollama, openai_chat, openai_responses};
use crate::provider::{Act, status};
use crate::world::{World, failure, output};

const LIST: (&str, &str, &str) = ("call_a", "list", r#"{"path":"."}"#);

fn reasoning(world: &World) -> Vec<String> {
    let events = world.events.all().into_iter();
    events
        .filter_map(|event| match event {
            RunEvent::ReasoningAvailable { text } => Some(text),
            _ => None,
        })
        .collect()
}

fn refused(code: u16, headers: &str, body: &Value) -> Vec<Act> {
    vec![Act::Write(status(code, headers, body))]
}

#[tokio::test]
async fn anthropic_is_shown_its_signed_thinking_again_with_the_calls() {
    let wire = &anthropic_messages::WIRE;
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let deltas = [
        json!({"type": "thinking_delta", "thinking": "let me "}),
        json!({"type": "thinking_delta", "thinking": "look"}),
        json!({"type": "signature_delta", "signature": "c2ln"}),
    ];
    let redacted = json!({"type": "redacted_thinking", "data": "ZGF0YQ=="});
    let mut events = anthropic_messages::begun();
    events.extend(anthropic_messages::block(0, &thinking, &deltas));
    events.extend(anthropic_messages::block(1, &redacted, &[]));
    events.extend(anthropic_messages::tool_use(2, &LIST));
    events.extend(anthropic_messages::ended("tool_use"));
    let world = wire
        .world(vec![wire.stream(&events), wire.said("ok")])
        .await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert_eq!(reasoning(&world), ["let me look"]);

    let body = &world.provider.seen().bodies[1];
    let roles: Vec<&Value> = items(&body["messages"])
        .map(|message| &message["role"])
        .collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let signed = json!({"type": "thinking", "thinking": "let me look", "signature": "c2ln"});
    let called =
        json!({"type": "tool_use", "id": "call_a", "name": "list", "input": {"path": "."}});
    assert_eq!(
        body["messages"][1]["content"],
        json!([signed, redacted, called])
    );
    assert_eq!(body["max_tokens"], 8192);
}

#[tokio::test]
async fn responses_is_shown_its_encrypted_reasoning_again_and_stores_nothing() {
    let wire = &openai_responses::WIRE;
    let summary = json!([{"type": "summary_text", "text": "hm"}]);
    let kept =
        json!({"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "ZW5j"});
    let call = openai_responses::function_call(&LIST);
    let document = openai_responses::whole(vec![kept.clone(), call], "completed");
    let script = vec![wire.document(&document), wire.said("ok")];
    let world = wire
        .world_with(script, |config| config.max_tokens = Some(100))
        .await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert_eq!(reasoning(&world), ["hm"]);

    let body = &world.provider.seen().bodies[1];
    assert_eq!(
        (&body["store"], &body["max_output_tokens"]),
        (&json!(false), &json!(100))
    );
    let kinds: Vec<&Value> = items(&body["input"]).map(|item| &item["type"]).collect();
    assert_eq!(
        kinds,
        [
            "message",
            "reasoning",
            "function_call",
            "function_call_output"
        ]
    );
    assert_eq!(body["input"][1], kept);
}

#[tokio::test(start_paused = true)]
async fn responses_fails_flat_nested_or_as_a_whole_and_each_is_a_cause() {
    let wire = &openai_responses::WIRE;
    let flat = json!({"code": "server_is_overloaded", "message": "nonce-1", "param": null, "sequence_number": 3});
    let flat = openai_responses::event("error", &flat);
    let mut failed = openai_responses::whole(Vec::new(), "failed");
    failed["error"] = json!({"code": "rate_limit_exceeded", "message": "nonce-2"});
    let ended = openai_responses::event("response.failed", &json!({"response": failed}));
    let script = vec![
        wire.stream(&[flat]),
        wire.stream(&[ended]),
        wire.document(&failed),
    ];
    let world = wire.world(script).await;
    let refused = failure(world.say("hi").await);
    assert_eq!(
        (refused.code.as_str(), world.provider.requests()),
        ("rate_limit", 3)
    );
    assert!(refused.message.contains("nonce-2"), "{}", refused.message);
}

#[tokio::test(start_paused = true)]
async fn responses_whose_arguments_lost_a_part_are_no_answer() {
    let wire = &openai_responses::WIRE;
    let call = [("call_a", "effect", r#"{"name":"a"}"#)];
    for lost in 0..2 {
        let mut events = (wire.calls)(&call);
        let deltas = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.contains("arguments.delta"));
        let place = deltas.map(|(place, _)| place).nth(lost).unwrap();
        events.remove(place);
        let world = wire
            .world(vec![wire.stream(&events), wire.said("ok")])
            .await;
        assert_eq!(output(world.say("hi").await), "ok");
        assert_eq!(world.ledger(), "");
    }
}

#[tokio::test]
async fn gemini_is_shown_its_ids_and_signatures_again() {
    let wire = &gemini::WIRE;
    let signed = json!({"functionCall": {"id": "g1", "name": "list", "args": {"path": "."}}, "thoughtSignature": "c2ln"});
    let thought = json!({"text": "hm", "thought": true});
    let events = [
        gemini::event(&gemini::answer(&[thought, signed.clone()], "")),
        gemini::event(&gemini::answer(&[], "STOP")),
    ];
    let world = wire
        .world(vec![wire.stream(&events), wire.said("ok")])
        .await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert_eq!(reasoning(&world), ["hm"]);
    let contents = &world.provider.seen().bodies[1]["contents"];
    assert_eq!(contents[1]["parts"], json!([signed]));
    assert_eq!(contents[2]["parts"][0]["functionResponse"]["id"], "g1");
}

#[tokio::test(start_paused = true)]
async fn gemini_refuses_a_prompt_breaks_a_call_and_streams_a_list() {
    let wire = &gemini::WIRE;
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 10}});
    let world = wire
        .world(vec![wire.stream(&[gemini::event(&blocked)])])
        .await;
    let withheld = failure(world.say("hi").await);
    assert_eq!(
        (withheld.code.as_str(), world.provider.requests()),
        ("content_filter", 1)
    );

    let malformed = gemini::event(&gemini::answer(&[], "MALFORMED_FUNCTION_CALL"));
    let list = json!([
        gemini::answer(&[json!({"text": "o"})], ""),
        gemini::answer(&[json!({"text": "k"})], "STOP")
    ]);
    let world = wire
        .world(vec![wire.stream(&[malformed]), wire.document(&list)])
        .await;
    assert_eq!(output(world.say("hi").await), "ok");
}

#[tokio::test(start_paused = true)]
async fn gemini_says_400_to_a_bad_key_and_how_long_to_wait() {
    let wire = &gemini::WIRE;
    let error = |code: u16, status: &str, details: Value| {
        let error =
            json!({"code": code, "message": "nonce-1", "status": status, "details": details});
        json!([{"error": error}])
    };
    let info =
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
    let world = wire
        .world(vec![refused(
            400,
            "",
            &error(400, "INVALID_ARGUMENT", info),
        )])
        .await;
    let bad_key = failure(world.say("hi").await);
    assert_eq!(
        (bad_key.code.as_str(), world.provider.requests()),
        ("auth", 1)
    );

    let wait = json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}]);
    let limited = refused(429, "", &error(429, "RESOURCE_EXHAUSTED", wait));
    let world = wire.world(vec![limited, wire.said("ok")]).await;
    let before = tokio::time::Instant::now();
    assert_eq!(output(world.say("hi").await), "ok");
    assert!(before.elapsed().as_secs_f64() >= 36.0);
}

#[tokio::test(start_paused = true)]
async fn anthropic_says_whether_trying_again_helps() {
    let wire = &anthropic_messages::WIRE;
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"});
    let again = refused(529, "x-should-retry: true\r\n", &overloaded);
    let world = wire.world(vec![again, wire.said("ok")]).await;
    assert_eq!(output(world.say("hi").await), "ok");

    let never = refused(529, "x-should-retry: false\r\n", &overloaded);
    let world = wire.world(vec![never]).await;
    let gave_up = failure(world.say("hi").await);
    assert_eq!(
        (gave_up.code.as_str(), world.provider.requests()),
        ("overloaded", 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_that_stands_bare_in_a_stream_is_an_error() {
    let error = json!({"error": {"code": 503, "message": "nonce-1", "status": "UNAVAILABLE"}});
    let bare = serde_json::to_string_pretty(&error).unwrap();
    for wire in [&gemini::WIRE, &openai_chat::WIRE] {
        let mut events = wire.endless("Hello");
        events.push(bare.clone());
        let world = wire.world(vec![wire.stream(&events); 3]).await;
        let told = failure(world.say("hi").await);
        assert_eq!(told.code.as_str(), "overloaded");
        assert!(told.message.contains("nonce-1"), "{}", told.message);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_about_a_refusal_is_told() {
    let mut events = anthropic_messages::begun();
    let details = json!({"type": "refusal", "explanation": "too dangerous"});
    let delta = json!({"delta": {"stop_reason": "refusal", "stop_details": details}});
    events.push(anthropic_messages::event("message_delta", &delta));
    let world = anthropic_messages::WIRE
        .world(vec![anthropic_messages::WIRE.stream(&events)])
        .await;
    let refusal = failure(world.say("hi").await);
    assert_eq!(
        (refusal.code.as_str(), world.provider.requests()),
        ("content_filter", 1)
    );
    assert!(
        refusal.message.contains("too dangerous"),
        "{}",
        refusal.message
    );
}

#[tokio::test]
async fn ollama_is_shown_the_ids_that_it_gave_and_a_last_line_may_lack_its_end() {
    let wire = &ollama::WIRE;
    let call = json!({"id": "o1", "function": {"name": "list", "arguments": {"path": "."}}});
    let message =
        json!({"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [call]});
    let line = json!({"model": "m", "message": message, "done": true, "done_reason": "stop"});
    let world = wire
        .world(vec![wire.stream(&[line.to_string()]), wire.said("ok")])
        .await;
    assert_eq!(output(world.say("hi").await), "ok");
    assert_eq!(reasoning(&world), ["hm"]);
    let messages = &world.provider.seen().bodies[1]["messages"];
    assert_eq!(messages[1]["tool_calls"], json!([call]));
    assert_eq!(messages[2]["tool_call_id"], "o1");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_answer_wherever_it_has_a_place_of_its_own() {
    let chat = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": null, "refusal": "I will not."}, "finish_reason": "stop"}]});
    let part = json!({"type": "refusal", "refusal": "I will not."});
    let responses = openai_responses::whole(
        vec![json!({"type": "message", "content": [part]})],
        "completed",
    );
    for (wire, document) in [
        (&openai_chat::WIRE, chat),
        (&openai_responses::WIRE, responses),
    ] {
        let world = wire.world(vec![wire.document(&document)]).await;
        let refusal = failure(world.say("hi").await);
        assert_eq!(
            (refusal.code.as_str(), world.provider.requests()),
            ("content_filter", 1)
        );
        assert!(
            refusal.message.contains("I will not."),
            "{}",
            refusal.message
        );
    }
}

//! Anthropic Messages over a real socket, with a real client: both versions, models and counts, and what is refused.

use fake_provider::{Credential, Dialect, ProviderOptions};
use journal::{Ended, Fact};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::world::{World, speaks};

const LIST: &str = "[[provider]]\nreply = { text = \"Grüße!\", reasoning = \"Hm.\", tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }] }";
const KEY: &str = "sk-ant-canary-7f3a9b21c4d8e605";

async fn world(script: &str) -> World {
    World::start(ProviderOptions {
        delta_bytes: 4,
        ..speaks(Dialect::AnthropicMessages, script)
    })
    .await
}

fn asks() -> Value {
    json!({"model": "fake-model", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]})
}

fn post(world: &World, body: &Value) -> RequestBuilder {
    let request = world.client.post(world.url("/v1/messages")).json(body);
    request.header("anthropic-version", "2026-10-21")
}

async fn told(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("is answered");
    (
        answer.status().as_u16(),
        answer.json().await.expect("is JSON"),
    )
}

/// Names and data of a stream's events.
fn events(text: &str) -> Vec<(&str, Value)> {
    let events = text.split_terminator("\n\n").map(|event| {
        let event = event.strip_prefix("event: ").expect("has a name");
        let (name, data) = event.split_once("\ndata: ").expect("has data");
        (name, serde_json::from_str(data).expect("is JSON"))
    });
    events.collect()
}

#[tokio::test]
async fn a_whole_answer_and_its_next_turn() {
    let script = format!(
        "{LIST}\nwhen = {{ call = 1 }}\n[[provider]]\nwhen = {{ call = 2 }}\nreply = {{ text = \"Two.\" }}"
    );
    let world = world(&script).await;
    let answer = post(&world, &asks()).send().await.expect("is answered");
    let headers = answer.headers().clone();
    let request_id = headers["request-id"].to_str().expect("is text");
    assert!(request_id.starts_with("req_"));
    assert!(headers.contains_key("anthropic-ratelimit-input-tokens-reset"));
    let answer: Value = answer.json().await.expect("is JSON");
    let content = answer["content"].as_array().expect("is a list");
    let kinds: Vec<&str> = content
        .iter()
        .filter_map(|block| block["type"].as_str())
        .collect();
    assert_eq!(kinds, ["thinking", "text", "tool_use"]);
    assert_eq!(answer["stop_reason"], "tool_use");
    assert_eq!(content[2]["input"], json!({"path": "src"}));
    let id = content[2]["id"].as_str().expect("is text");
    assert!(id.starts_with("toolu_"));
    let mut next = asks();
    next["tools"] = json!([{"name": "list", "input_schema": {"type": "object"}}]);
    next["messages"] = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "a b"}]},
    ]);
    let (status, answer) = told(post(&world, &next)).await;
    assert_eq!(
        (status, &answer["content"][0]["text"]),
        (200, &json!("Two.")),
        "{answer}"
    );
    // Thinking that was changed on the way is no longer signed.
    next["messages"][1]["content"][0]["thinking"] = json!("Ha.");
    let (status, answer) = told(post(&world, &next)).await;
    assert_eq!(status, 400);
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(
        message.starts_with("messages.1.content.0: Invalid `signature` in `thinking` block"),
        "{message}"
    );
}

#[tokio::test]
async fn a_streamed_answer_is_recorded_as_it_was_said() {
    let world = world(LIST).await;
    let mut body = asks();
    body["stream"] = json!(true);
    let answer = post(&world, &body).send().await.expect("is answered");
    assert_eq!(
        answer.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    let text = answer.text().await.expect("is whole");
    assert!(
        text.contains("\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n"),
        "{text}"
    );
    let events = events(&text);
    assert!(events.iter().all(|(name, data)| data["type"] == *name));
    let of = |kind: &str, member: &str| -> String {
        let deltas = events.iter().map(|(_, data)| &data["delta"]);
        let deltas = deltas.filter(|delta| delta["type"] == kind);
        deltas.filter_map(|delta| delta[member].as_str()).collect()
    };
    assert_eq!(of("thinking_delta", "thinking"), "Hm.");
    assert_eq!(of("text_delta", "text"), "Grüße!");
    assert_eq!(of("input_json_delta", "partial_json"), r#"{"path":"src"}"#);
    let (last, before) = (&events[events.len() - 1], &events[events.len() - 2]);
    assert_eq!((last.0, before.0), ("message_stop", "message_delta"));
    assert_eq!(before.1["usage"]["output_tokens"], 7);
    let ended = world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    let Fact::ResponseEnded { said, ended, .. } = ended.fact else {
        panic!("is another fact");
    };
    assert_eq!(ended, Ended::Complete);
    assert_eq!(
        (said.text.as_str(), said.finish.as_deref()),
        ("Grüße!", Some("tool-calls"))
    );
    assert!(said.end_marker && said.tool_calls[0].whole, "{said:?}");
}

#[tokio::test]
async fn the_version_decides_what_a_request_may_hold() {
    let world = world(LIST).await;
    let mut body = asks();
    body["temperature"] = json!(1);
    let (status, answer) = told(post(&world, &body)).await;
    let message = answer["error"]["message"].as_str().expect("is text");
    assert_eq!(status, 400);
    assert!(
        message.starts_with("temperature: Extra inputs are not permitted (ref bo-"),
        "{message}"
    );
    let old = world.client.post(world.url("/v1/messages")).json(&body);
    assert_eq!(
        told(old.header("anthropic-version", "2023-06-01")).await.0,
        200
    );
    let none = world.client.post(world.url("/v1/messages")).json(&asks());
    let (status, answer) = told(none).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (400, &json!("invalid_request_error"))
    );
    world
        .recorded(
            |fact| matches!(fact, Fact::RequestRefused { rule, .. } if rule == "version-missing"),
        )
        .await;
}

#[tokio::test]
async fn either_header_carries_the_key() {
    let world = World::start(ProviderOptions {
        credentials: vec![Credential {
            alias: "canary-1".into(),
            key: KEY.into(),
        }],
        ..speaks(Dialect::AnthropicMessages, LIST)
    })
    .await;
    let told_with = async |headers: &[(&str, &str)]| {
        let mut request = post(&world, &asks());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        told(request).await
    };
    let bearer = format!("Bearer {KEY}");
    assert_eq!(told_with(&[("x-api-key", KEY)]).await.0, 200);
    assert_eq!(told_with(&[("authorization", &bearer)]).await.0, 200);
    let (status, answer) =
        told_with(&[("x-api-key", "sk-wrong"), ("authorization", &bearer)]).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (401, &json!("authentication_error"))
    );
    let (_, answer) = told_with(&[]).await;
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(
        message.starts_with("x-api-key header is required"),
        "{message}"
    );
}

#[tokio::test]
async fn documents_are_in_its_shape_wherever_others_are_spoken_too() {
    let world = World::script(LIST).await;
    let list = world.client.get(world.url("/v1/models"));
    let (_, others) = told(list).await;
    assert_eq!(others["object"], "list");
    let list = world.client.get(world.url("/v1/models"));
    let (status, ours) = told(list.header("anthropic-version", "2026-10-21")).await;
    assert_eq!((status, &ours["data"][0]["type"]), (200, &json!("model")));
    let count = world.client.post(world.url("/v1/messages/count_tokens"));
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "Hello there"}]});
    let count = count.json(&body).header("anthropic-version", "2023-06-01");
    let (status, count) = told(count).await;
    assert_eq!((status, count), (200, json!({"input_tokens": 5})));
    let wrong = world.client.get(world.url("/v1/messages")).send().await;
    let wrong = wrong.expect("is answered");
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["allow"]),
        (405, &"POST".parse().expect("is a value"))
    );
}

#[tokio::test]
async fn a_status_has_the_providers_headers() {
    let fault = "[[provider]]\nfault = { action = \"status\", status = 529, retry_after = \"7\" }";
    let world = world(fault).await;
    let answer = post(&world, &asks()).send().await.expect("is answered");
    let headers = answer.headers().clone();
    assert_eq!(
        (answer.status().as_u16(), &headers["x-should-retry"]),
        (529, &"true".parse().expect("is a value"))
    );
    assert_eq!(headers["retry-after"], "7");
    let body: Value = answer.json().await.expect("is JSON");
    assert_eq!(body["error"]["type"], "overloaded_error");
    assert_eq!(
        body["request_id"],
        headers["request-id"].to_str().expect("is text")
    );
}

//! Requests that are refused: wrong keys, broken rules, nothing scripted; and the secrets that must not be recorded.

use fake_provider::{Credential, ProviderOptions};
use journal::Fact;
use serde_json::{Value, json};

use crate::world::{World, asks, says};

const KEY: &str = "sk-canary-7f3a9b21c4d8e605";

fn with_key(script: &str) -> ProviderOptions {
    ProviderOptions {
        credentials: vec![Credential {
            alias: "canary-1".into(),
            key: KEY.into(),
        }],
        ..says(script)
    }
}

async fn refused(world: &World, body: &Value, key: Option<&str>) -> (u16, Value) {
    let mut request = world.post(body);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let answer = request.send().await.expect("is answered");
    (
        answer.status().as_u16(),
        answer.json().await.expect("is JSON"),
    )
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_a_right_one_is_recorded_by_its_alias() {
    let world = World::start(with_key("[[provider]]\nreply = { text = \"hi\" }")).await;
    let (status, body) = refused(&world, &asks("hi"), Some("sk-wrong-0123456789abcdef")).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &json!("invalid_api_key"))
    );
    assert_eq!(refused(&world, &asks("hi"), None).await.0, 401);
    let answer = world
        .post(&asks("hi"))
        .bearer_auth(KEY)
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.status(), 200);
    let credentials: Vec<String> = world
        .facts()
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Request { credential, .. } => Some(credential),
            _ => None,
        })
        .collect();
    assert_eq!(credentials, ["unknown", "none", "canary-1"]);
}

#[tokio::test]
async fn a_key_that_is_echoed_is_in_the_body_and_in_no_record() {
    let script = "[[provider]]\nfault = { action = \"status\", status = 401, echo_key = true }";
    let world = World::start(with_key(script)).await;
    let mut body = asks("hi");
    body["messages"][0]["content"] = json!(format!("my key is {KEY}"));
    let (status, answer) = refused(&world, &body, Some(KEY)).await;
    assert_eq!(status, 401);
    assert!(
        answer["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains(KEY))
    );
    world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    let mut written = Vec::new();
    journal::write(&world.recorder.journal(), &mut written).expect("is written");
    let written = String::from_utf8(written).expect("is text");
    assert!(!written.contains(KEY), "{written}");
    assert!(written.contains("canary-1"), "{written}");
}

#[tokio::test]
async fn a_broken_rule_is_told_as_the_provider_tells_it_and_recorded() {
    let world = World::script("[[provider]]\nreply = { text = \"hi\" }").await;
    let body = json!({"model": "m", "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_x", "type": "function", "function": {"name": "list", "arguments": "{}"}}]},
    ]});
    let (status, answer) = refused(&world, &body, None).await;
    assert_eq!(status, 400);
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(
        message.contains("did not have response messages: call_x"),
        "{message}"
    );
    let record = world
        .recorded(|fact| matches!(fact, Fact::RequestRefused { .. }))
        .await;
    assert!(
        matches!(record.fact, Fact::RequestRefused { rule, .. } if rule == "tool-result-missing")
    );
    assert_eq!((record.run, record.call), (Some(1), Some(2)));
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let world = World::script("[[provider]]\nreply = { text = \"hi\" }").await;
    let url = format!("{}/chat/completions", world.provider.base_url());
    let answer = world
        .client
        .post(url)
        .body("{\"model\":")
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.status(), 400);
    let record = world
        .recorded(|fact| matches!(fact, Fact::RequestRefused { .. }))
        .await;
    assert!(matches!(record.fact, Fact::RequestRefused { rule, .. } if rule == "not-json"));
}

#[tokio::test]
async fn what_nothing_scripted_is_refused_and_named() {
    let script = "[[provider]]\nwhen = { call = 1, attempt = 1 }\nfault = { action = \"status\", status = 503 }";
    let world = World::script(script).await;
    assert_eq!(refused(&world, &asks("hi"), None).await.0, 503);
    let (status, body) = refused(&world, &asks("hi"), None).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("unscripted_request"))
    );
    let record = world
        .recorded(|fact| matches!(fact, Fact::Unscripted { .. }))
        .await;
    assert!(
        matches!(record.fact, Fact::Unscripted { what } if what == "call 1 attempt 2, a retry")
    );
}

#[tokio::test]
async fn auxiliary_requests_are_answered_unless_they_are_scripted() {
    let script = "[[provider]]\nwhen = { call = 1 }\nreply = { text = \"hi\" }";
    let world = World::start(ProviderOptions {
        markers: vec![("[run-1]".into(), 1)],
        ..says(script)
    })
    .await;
    let answer = world
        .post(&asks("Summarise this."))
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.status(), 200);
    let record = world
        .recorded(|fact| matches!(fact, Fact::Request { .. }))
        .await;
    assert!(matches!(
        record.fact,
        Fact::Request {
            auxiliary: true,
            ..
        }
    ));
    assert_eq!(record.run, None);

    let script = "[[provider]]\nwhen = { auxiliary = true }\nreply = { text = \"A summary.\" }";
    let world = World::start(ProviderOptions {
        markers: vec![("[run-1]".into(), 1)],
        ..says(script)
    })
    .await;
    let answer = world
        .post(&asks("Summarise this."))
        .send()
        .await
        .expect("is answered");
    let body: Value = answer.json().await.expect("is JSON");
    assert_eq!(body["choices"][0]["message"]["content"], "A summary.");
}

#[tokio::test]
async fn retry_after_is_sent_as_it_is_written() {
    let script =
        "[[provider]]\nfault = { action = \"status\", status = 429, retry_after = \"-5\" }";
    let world = World::script(script).await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "-5");
    let record = world
        .recorded(|fact| matches!(fact, Fact::ResponseStarted { .. }))
        .await;
    let Fact::ResponseStarted {
        error: Some(error),
        status,
        entry,
    } = record.fact
    else {
        panic!("is an error: {record:?}");
    };
    assert_eq!(
        (status, entry, error.retry_after.as_deref()),
        (429, Some(0), Some("-5"))
    );
    let body = answer.text().await.expect("is whole");
    assert!(body.contains(&error.nonce), "{body}");
}

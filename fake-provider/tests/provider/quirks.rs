//! Providers that speak Chat Completions with an accent, over a real socket: for one entry, and for everything.

use fake_provider::ProviderOptions;
use provider_script::Quirk;
use serde_json::{Value, json};

use crate::world::{World, asks, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Hello!\" }";

async fn with(quirk: Quirk) -> World {
    World::start(ProviderOptions {
        quirk: Some(quirk),
        ..says(HELLO)
    })
    .await
}

async fn text(world: &World, body: &Value) -> String {
    let answer = world.post(body).send().await.expect("is answered");
    answer.text().await.expect("is whole")
}

#[tokio::test]
async fn a_server_has_a_habit_for_everything_it_says() {
    let world = with(Quirk::Azure).await;
    let stream = text(&world, &streamed(asks("hi"))).await;
    let first = stream.split("\n\n").next().expect("has events");
    let first: Value =
        serde_json::from_str(first.strip_prefix("data: ").expect("is an event")).expect("is JSON");
    assert!(first["prompt_filter_results"].is_array());
    let world = with(Quirk::Openrouter).await;
    let stream = text(&world, &streamed(asks("hi"))).await;
    assert!(stream.starts_with(": OPENROUTER PROCESSING\n\n"));
    let world = with(Quirk::Vllm).await;
    let answer = world
        .post(&json!({"messages": 3}))
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.status(), 422);
    let answer: Value = answer.json().await.expect("is JSON");
    assert_eq!(answer["detail"][0]["loc"][0], "body");
}

#[tokio::test]
async fn one_entry_has_another_habit_than_the_rest() {
    let script = "[[provider]]\nwhen = { attempt = 1 }\nquirk = \"azure\"\nfault = { action = \"status\", status = 429 }\n\
                  [[provider]]\nwhen = { attempt = 2 }\nreply = { text = \"Hello!\" }";
    let world = World::script(script).await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("apim-request-id"));
    let error: Value = answer.json().await.expect("is JSON");
    assert_eq!(error["error"]["code"], "429");
    assert!(error["error"].get("type").is_none());
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert!(answer.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn a_connection_is_kept_alive_in_the_words_of_whoever_speaks() {
    for (quirk, comment) in [
        (None, ": keep-alive\n\n"),
        (Some("azure"), ": keep-alive\n\n"),
        (Some("openrouter"), ": OPENROUTER PROCESSING\n\n"),
    ] {
        let quirk = quirk.map_or(String::new(), |quirk| format!("quirk = \"{quirk}\"\n"));
        let script = format!(
            "[[provider]]\n{quirk}reply = {{ text = \"Hello!\" }}\n\
             fault = {{ at = \"event\", after = 2, action = \"keepalive-forever\", every = \"5ms\" }}"
        );
        let world = World::script(&script).await;
        let answer = world.post(&streamed(asks("hi"))).send().await;
        let mut answer = answer.expect("is answered");
        let mut text = String::new();
        while !text.ends_with(&comment.repeat(4)) {
            let chunk = answer.chunk().await.expect("goes on").expect("goes on");
            text.push_str(std::str::from_utf8(&chunk).expect("is text"));
        }
    }
}

#[tokio::test]
async fn a_refusal_is_no_content() {
    let world = World::script("[[provider]]\nreply = { refusal = \"No.\" }").await;
    let answer: Value = serde_json::from_str(&text(&world, &asks("hi")).await).expect("is JSON");
    let message = &answer["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["refusal"]),
        (&Value::Null, &json!("No."))
    );
}

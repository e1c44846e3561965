//! Clean exchanges: answers streamed and whole, models, wrong paths, and a client that speaks badly.

use std::collections::BTreeMap;

use fake_provider::{ProviderOptions, ToolNames};
use journal::{Ended, Fact, Side};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, asks, client, events, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Grüße aus dem All, und auf bald!\" }";
const LIST: &str = "[[provider]]\nreply = { text = \"Let me look.\", tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }] }";

#[tokio::test]
async fn a_whole_answer() {
    let world = World::script(HELLO).await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    let headers = answer.headers().clone();
    assert!(
        headers["x-request-id"]
            .to_str()
            .expect("is text")
            .starts_with("req_")
    );
    assert_eq!(headers["openai-version"], "2020-10-01");
    assert!(headers.contains_key("x-ratelimit-remaining-tokens"));
    let answer: Value = answer.json().await.expect("is JSON");
    let choice = &answer["choices"][0];
    assert_eq!(
        choice["message"]["content"],
        "Grüße aus dem All, und auf bald!"
    );
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "fake-model");
    assert_eq!(answer["usage"]["total_tokens"], 19);
}

#[tokio::test]
async fn a_streamed_answer_with_a_tool_call() {
    let names = BTreeMap::from([("path".to_owned(), "directory".to_owned())]);
    let world = World::start(ProviderOptions {
        tools: ToolNames::default().with("list", "list_files", names),
        delta_bytes: 4,
        ..says(LIST)
    })
    .await;
    let answer = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("is answered");
    assert_eq!(
        answer.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let (events, done) = events(&answer.text().await.expect("is whole"));
    assert!(done);
    assert_eq!(
        events[0]["choices"][0]["delta"],
        json!({"role": "assistant", "content": "", "refusal": null})
    );
    let deltas: Vec<&Value> = events
        .iter()
        .map(|event| &event["choices"][0]["delta"])
        .collect();
    let text: String = deltas
        .iter()
        .filter_map(|delta| delta["content"].as_str())
        .collect();
    assert_eq!(text, "Let me look.");
    let calls = deltas.iter().map(|delta| &delta["tool_calls"][0]);
    let starts: Vec<&Value> = calls
        .clone()
        .filter(|call| call["id"].is_string())
        .collect();
    assert_eq!(starts.len(), 1);
    assert_eq!(
        starts[0]["function"],
        json!({"name": "list_files", "arguments": ""})
    );
    let arguments: String = calls
        .filter_map(|call| call["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, r#"{"directory":"src"}"#);
    let (usage, rest) = events.split_last().expect("has events");
    assert_eq!(
        (&usage["choices"], &usage["usage"]["prompt_tokens"]),
        (&json!([]), &json!(12))
    );
    assert!(
        rest.iter()
            .all(|event| event["usage"].is_null() && event["id"] == usage["id"])
    );
    let last = &rest.last().expect("has events")["choices"][0];
    assert_eq!(
        (&last["finish_reason"], &last["delta"]),
        (&json!("tool_calls"), &json!({}))
    );
    let id = starts[0]["id"].as_str().expect("is text");
    is_recorded_as_it_was_said(&world, id).await;
}

async fn is_recorded_as_it_was_said(world: &World, id: &str) {
    let ended = world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    let Fact::ResponseEnded {
        said,
        ended,
        status,
        ..
    } = ended.fact
    else {
        panic!("was asked for");
    };
    assert_eq!((ended, status), (Ended::Complete, Some(200)));
    assert!(said.end_marker && said.tool_calls[0].whole);
    assert_eq!(said.tool_calls[0].id, id);
}

#[tokio::test]
async fn a_stream_without_usage_tells_none() {
    let world = World::script(HELLO).await;
    let mut body = asks("hi");
    body["stream"] = json!(true);
    let answer = world.post(&body).send().await.expect("is answered");
    let (events, done) = events(&answer.text().await.expect("is whole"));
    assert!(done && events.iter().all(|event| event.get("usage").is_none()));
}

#[tokio::test]
async fn one_connection_serves_many_requests_and_its_end_is_seen() {
    let world = World::script(HELLO).await;
    for _ in 0..3 {
        let answer = world.post(&asks("hi")).send().await.expect("is answered");
        answer.bytes().await.expect("is whole");
    }
    assert_eq!(world.provider.open_connections(), 1);
    assert_eq!(world.provider.requests_in_flight(), 0);
    let World {
        provider, recorder, ..
    } = {
        let mut world = world;
        // Dropping the client closes what it has pooled.
        world.client = client();
        let closed = world
            .recorded(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
            .await;
        let Fact::ConnectionClosed { by, in_flight, .. } = closed.fact else {
            panic!("was asked for");
        };
        assert_eq!((by, in_flight), (Side::Target, false));
        world
    };
    assert_eq!(provider.open_connections(), 0);
    provider.shutdown().await;
    let opened = recorder.with(|records| {
        let opened =
            |record: &&journal::Record| matches!(record.fact, Fact::ConnectionOpened { .. });
        records.iter().filter(opened).count()
    });
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn models_never_count() {
    let world =
        World::script("[[provider]]\nwhen = { call = 1, attempt = 1 }\nreply = { text = \"x\" }")
            .await;
    let url = format!("{}/models", world.provider.base_url());
    let list: Value = get(&world, &url).await.1;
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"][0]["object"], "model");
    let one = get(&world, &format!("{url}/some-model")).await.1;
    assert_eq!(one["id"], "some-model");
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
}

async fn get(world: &World, url: &str) -> (u16, Value) {
    let answer = world.client.get(url).send().await.expect("is answered");
    (
        answer.status().as_u16(),
        answer.json().await.expect("is JSON"),
    )
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_providers_shape() {
    let world = World::script(HELLO).await;
    let base = world.provider.base_url();
    let (status, body) = get(&world, &format!("{base}/images?x=1")).await;
    assert_eq!(status, 404);
    let message = body["error"]["message"].as_str().expect("is text");
    assert!(
        message.starts_with("Invalid URL (GET /v1/images)"),
        "{message}"
    );
    let (status, body) = get(&world, &format!("{base}/chat/completions")).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (405, &json!("method_not_supported"))
    );
}

async fn raw(world: &World, request: &[u8]) -> String {
    let address = world.provider.local_addr().expect("is TCP");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request).await.expect("is read");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("is answered");
    answer
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_others_are_served() {
    let world = World::script(HELLO).await;
    let answer = raw(&world, b"\x16\x03\x01 this is TLS, isn't it?\r\n\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\"invalid_request_error\""), "{answer}");
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn an_old_client_gets_a_stream_that_ends_with_its_connection() {
    let world = World::script(HELLO).await;
    let body = streamed(asks("hi")).to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.0\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(&world, request.as_bytes()).await;
    assert!(!answer.contains("transfer-encoding"), "{answer}");
    assert!(answer.ends_with("data: [DONE]\n\n"), "{answer}");
}

#[tokio::test]
async fn the_same_seed_says_the_same_bytes() {
    let mut digests = Vec::new();
    for _ in 0..2 {
        let world = World::script(LIST).await;
        let answer = world
            .post(&streamed(asks("hi")))
            .send()
            .await
            .expect("is answered");
        answer.bytes().await.expect("is whole");
        let ended = world
            .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
            .await;
        let Fact::ResponseEnded { digest, bytes, .. } = ended.fact else {
            panic!("was asked for");
        };
        digests.push((digest, bytes));
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_stream_takes_its_time() {
    let text = "[[provider]]\nreply = { text = \"abcdef\", delta_bytes = 2, pace = \"10s\" }";
    let world = World::script(text).await;
    let started = tokio::time::Instant::now();
    let answer = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("is answered");
    let (events, done) = events(&answer.text().await.expect("is whole"));
    assert!(done);
    // Role, three pieces of text, finish, usage, and the marker.
    assert_eq!(events.len(), 6);
    assert_eq!(started.elapsed().as_secs(), 70);
}

//! Which recording answers which request, asked by a real client.

use std::time::Duration;

use fake_provider::Match;
use journal::Fact;
use serde_json::{Value, json};

use crate::raw::{Step, ask, connect, post, upstream};
use crate::world::{Stage, Studio};

/// Three recordings: two of one request, and one of another.
async fn studio() -> Studio {
    let answer = |text: &str| {
        let body = format!("{{\"said\":\"{text}\"}}");
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        vec![Step::Send([head, body].concat().into_bytes())]
    };
    let at = upstream(["one", "two", "other"].map(answer).to_vec()).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    for body in ["{\"n\":1}", "{\"n\":1}", "{\"n\":2,\"user\":\"me\"}"] {
        let mut client = connect(recorder.local_addr().expect("is TCP")).await;
        let enough = (1, Duration::from_millis(50));
        ask(&mut client, &post("/v1/messages", body), enough).await;
        drop(client);
        // The upstream takes one connection after the other.
    }
    recorder.shutdown().await.expect("everything was stored");
    studio
}

fn client() -> reqwest::Client {
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy();
    builder
        .retry(reqwest::retry::never())
        .build()
        .expect("is a client")
}

async fn said(stage: &Stage, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", stage.replay.root_url());
    let response = client()
        .post(url)
        .header("x-api-key", "sk-other")
        .json(body)
        .send()
        .await;
    let response = response.expect("is answered");
    (
        response.status().as_u16(),
        response.json().await.expect("is JSON"),
    )
}

#[tokio::test]
async fn the_nth_equal_request_gets_the_nth_recording_and_then_the_last() {
    let stage = studio().await.replay(|_| ()).await;
    for expected in ["one", "two", "two"] {
        let (status, answer) = said(&stage, "/v1/messages", &json!({"n": 1})).await;
        assert_eq!((status, answer), (200, json!({"said": expected})));
    }
    let another_user = json!({"user": "you", "n": 2.0});
    assert_eq!(
        said(&stage, "/v1/messages", &another_user).await.1,
        json!({"said": "other"})
    );
}

#[tokio::test]
async fn by_path_the_body_does_not_matter() {
    let stage = studio()
        .await
        .replay(|options| options.matching = Match::Path)
        .await;
    for expected in ["one", "two", "other", "other"] {
        let (_, answer) = said(&stage, "/v1/messages", &json!({"n": 7})).await;
        assert_eq!(answer, json!({"said": expected}));
    }
}

#[tokio::test]
async fn what_was_not_recorded_is_refused_in_the_shape_of_its_dialect() {
    let stage = studio().await.replay(|options| options.strict = true).await;
    assert_eq!(said(&stage, "/v1/messages", &json!({"n": 2})).await.0, 200);
    let (status, answer) = said(&stage, "/v1/messages", &json!({"n": 2})).await;
    let message = answer["error"]["message"].as_str().expect("is text");
    assert_eq!((status, &answer["type"]), (400, &json!("error")));
    assert!(
        message.contains("recorded 1 times, and this is request 2"),
        "{message}"
    );

    let (_, answer) = said(&stage, "/v1/messages", &json!({"n": 3})).await;
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(
        message.contains("000001-post-v1-messages.ndjson differs at /n"),
        "{message}"
    );

    let (status, answer) = said(&stage, "/v1/chat/completions", &json!({"n": 1})).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!("unscripted_request"))
    );
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(message.contains("there is POST /v1/messages"), "{message}");

    let facts = stage.facts(4).await;
    let unscripted = |fact: &&Fact| matches!(fact, Fact::Unscripted { .. });
    assert_eq!(facts.iter().filter(unscripted).count(), 3);
    let refused = |fact: &&Fact| matches!(fact, Fact::ResponseStarted { error: Some(_), .. });
    assert_eq!(facts.iter().filter(refused).count(), 3);
}

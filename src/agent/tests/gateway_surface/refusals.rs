//! What the gateway refuses, in which words, and in which order it looks.

use serde_json::{Value, json};

use crate::provider::held;
use crate::world::{World, names, settings};

/// The four keys of the envelope, for a comparison at a glance.
fn envelope(body: &Value) -> (&str, &Value, &Value, &str) {
    let error = &body["error"];
    assert_eq!(error.as_object().unwrap().len(), 4, "{body}");
    let text = |name: &str| error[name].as_str().unwrap();
    (
        text("type"),
        &error["code"],
        &error["param"],
        text("message"),
    )
}

#[tokio::test]
async fn without_the_key_nothing_but_health_answers() {
    let world = World::start(Vec::new()).await;
    for path in ["/v1/models", "/v1/runs/run_1", "/v1/runs/run_1/events"] {
        let url = format!("{}{path}", world.address);
        for request in [
            world.client.get(&url),
            world
                .client
                .get(&url)
                .bearer_auth("a-gateway-key-of-24-chaR"),
        ] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{path}");
            let body: Value = response.json().await.unwrap();
            let code = json!("invalid_api_key");
            assert_eq!(
                envelope(&body),
                (
                    "invalid_request_error",
                    &code,
                    &Value::Null,
                    "Invalid API key"
                )
            );
        }
    }
    for path in ["/health", "/v1/health"] {
        let response = world
            .client
            .get(format!("{}{path}", world.address))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["status"], "ok");
    }
    let models: Value = world
        .get("/v1/models")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&models["object"], &models["data"][0]["object"]),
        (&json!("list"), &json!("model"))
    );
    // The key is looked at before the body, and the body is not read without it.
    let url = format!("{}/v1/runs", world.address);
    let response = world.client.post(url).body("{").send().await.unwrap();
    assert_eq!(response.status(), 401);
    world.end().await;
}

#[tokio::test]
async fn a_body_that_cannot_be_run_is_a_400_in_the_envelope() {
    let world = World::start(Vec::new()).await;
    let bodies = [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("\u{feff}{}", "Invalid JSON"),
        ("[]", "Request body must be a JSON object"),
        ("5", "Request body must be a JSON object"),
        ("null", "Request body must be a JSON object"),
        ("{}", "Missing 'input' field"),
        (r#"{"input": []}"#, "Missing 'input' field"),
        (
            r#"{"input": {}}"#,
            "'input' must be a string or an array of message objects",
        ),
        (r#"{"input": [[]]}"#, "No user message found in input"),
        (
            r#"{"input": "x", "conversation_history": 5}"#,
            "'conversation_history' must be an array of message objects",
        ),
        (
            r#"{"input": "x", "conversation_history": [5]}"#,
            "conversation_history[0] must have 'role' and 'content' fields",
        ),
    ];
    for (body, message) in bodies {
        let response = world.post("/v1/runs").body(body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let told: Value = response.json().await.unwrap();
        let (kind, _, _, text) = envelope(&told);
        assert_eq!((kind, text), ("invalid_request_error", message), "{body}");
    }
    let broken = world
        .post("/v1/runs")
        .body(vec![0xff, 0xfe])
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 400);
    assert_eq!(world.provider.seen().requests, 0);
    world.end().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413_announced_or_not() {
    let mut small = settings();
    small.max_body_bytes = 100;
    let world = World::start_with(Vec::new(), small).await;
    let long = "x".repeat(101);
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(long.clone())]);
    let chunked = reqwest::Body::wrap_stream(chunks);
    for body in [reqwest::Body::from(long), chunked] {
        let response = world.post("/v1/runs").body(body).send().await.unwrap();
        assert_eq!(response.status(), 413);
        let told: Value = response.json().await.unwrap();
        assert_eq!(envelope(&told).1, "body_too_large");
    }
    world.end().await;
}

#[tokio::test]
async fn runs_over_the_limit_are_told_to_come_back() {
    let mut few = settings();
    few.runs.concurrent = 2;
    let world = World::start_with(vec![held(&["a"], &[]), held(&["b"], &[])], few).await;
    let (one, other) = (world.run("hi").await, world.run("ho").await);
    let response = world.post("/v1/runs").body("{").send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    let told: Value = response.json().await.unwrap();
    let expected = (
        "rate_limit_error",
        &json!("rate_limit_exceeded"),
        &Value::Null,
        "Too many concurrent runs (max 2)",
    );
    assert_eq!(envelope(&told), expected);
    world.provider.wait(|seen| seen.requests == 2).await;
    world.provider.release();
    world.provider.release();
    world.events(&one).await;
    assert_eq!(
        names(&world.events(&other).await).last(),
        Some(&"run.completed")
    );
    let response = world.post("/v1/runs").body("{").send().await.unwrap();
    assert_eq!(response.status(), 400);
    world.end().await;
}

#[tokio::test]
async fn what_does_not_exist_is_said_so() {
    let world = World::start(Vec::new()).await;
    for path in ["/v1/runs/run_00", "/v1/runs/run_00/events"] {
        let response = world.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404);
        let told: Value = response.json().await.unwrap();
        let code = json!("run_not_found");
        assert_eq!(
            envelope(&told),
            (
                "invalid_request_error",
                &code,
                &Value::Null,
                "Run not found: run_00"
            )
        );
    }
    assert_eq!(
        world
            .post("/v1/runs/run_00/stop")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let unknown = world.get("/v1/nothing").send().await.unwrap();
    assert_eq!(
        (
            unknown.status().as_u16(),
            unknown.text().await.unwrap().as_str()
        ),
        (404, "404: Not Found")
    );
    let wrong = world.get("/v1/runs").send().await.unwrap();
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["allow"]),
        (405, &"POST".parse().unwrap())
    );
    let page = world
        .get("/health")
        .header("origin", "https://example.test")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (page.status().as_u16(), page.text().await.unwrap().as_str()),
        (403, "")
    );
    world.end().await;
}

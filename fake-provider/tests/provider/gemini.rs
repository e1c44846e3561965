//! Gemini over real sockets: both forms of a stream, tool rounds with ids and without, refusals, documents, faults.

use fake_provider::{Credential, Dialect, ProviderOptions};
use journal::{Ended, Fact, FaultOutcome, Said};
use serde_json::{Value, json};

use crate::world::{World, says, speaks};

const LIST: &str = r#"
[[provider]]
when = { call = 1 }
reply = { reasoning = "Which?", text = "Let me look.", tool_calls = [{ tool = "list", arguments = { path = "src" } }, { tool = "list", arguments = { path = "é" } }] }

[[provider]]
when = { call = 2 }
reply = { text = "Done." }
"#;

fn gemini(script: &str) -> ProviderOptions {
    speaks(Dialect::Gemini, script)
}

fn asks(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

fn post(world: &World, method: &str, body: &Value) -> reqwest::RequestBuilder {
    let url = world.url(&format!("/v1beta/models/fake-model:{method}"));
    world
        .client
        .post(url)
        .header("x-goog-api-key", "k")
        .json(body)
}

/// An answer as the responses it consists of.
async fn responses(world: &World, method: &str, body: &Value) -> Vec<Value> {
    let answer = post(world, method, body).send().await.expect("is answered");
    let text = answer.text().await.expect("is whole");
    if method.ends_with("alt=sse") {
        let events = text.split_terminator("\r\n\r\n").map(|event| {
            let data = event.strip_prefix("data: ").expect("is an event");
            serde_json::from_str(data).expect("is JSON")
        });
        return events.collect();
    }
    match serde_json::from_str(&text).expect("is JSON") {
        Value::Array(responses) => responses,
        one => vec![one],
    }
}

fn parts(responses: &[Value]) -> Vec<Value> {
    let parts = responses
        .iter()
        .filter_map(|one| one["candidates"][0]["content"]["parts"].as_array());
    parts.flatten().cloned().collect()
}

fn text(responses: &[Value]) -> String {
    let parts = parts(responses);
    let texts = parts.iter().filter(|part| part["thought"] != true);
    texts.filter_map(|part| part["text"].as_str()).collect()
}

const FORMS: [&str; 3] = [
    "generateContent",
    "streamGenerateContent?alt=sse",
    "streamGenerateContent",
];

/// A tool round as an honest client does it; without the ids, where that is asked.
async fn round(world: &World, form: &str, with_ids: bool) -> String {
    let mut body = asks("hi");
    let first = responses(world, form, &body).await;
    let mut calls = parts(&first);
    calls.retain(|part| part["functionCall"].is_object());
    assert_eq!(calls.len(), 2, "{form}");
    let mut results = Vec::new();
    for call in &mut calls {
        let mut result = json!({"name": "list", "response": {"output": "a.rs"}});
        match with_ids {
            true => result["id"] = call["functionCall"]["id"].clone(),
            false => drop(
                call["functionCall"]
                    .as_object_mut()
                    .map(|call| call.remove("id")),
            ),
        }
        results.push(json!({"functionResponse": result}));
    }
    let turns = body["contents"].as_array_mut().expect("is a list");
    turns.push(json!({"role": "model", "parts": calls}));
    turns.push(json!({"role": "user", "parts": results}));
    text(&responses(world, form, &body).await)
}

#[tokio::test]
async fn a_tool_round_in_every_form_with_ids_and_without() {
    for form in FORMS {
        for with_ids in [true, false] {
            let world = World::start(gemini(LIST)).await;
            assert_eq!(round(&world, form, with_ids).await, "Done.", "{form}");
            let facts = world.facts();
            let refused = facts
                .iter()
                .any(|fact| matches!(fact, Fact::RequestRefused { .. }));
            assert!(!refused, "{form}: {facts:#?}");
            let last = facts.iter().rev().find_map(|fact| match fact {
                Fact::Request {
                    tool_calls,
                    tool_results,
                    streamed,
                    path,
                    ..
                } => Some((tool_calls, tool_results, streamed, path)),
                _ => None,
            });
            let (calls, results, streamed, path) = last.expect("was asked");
            let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<Vec<String>>();
            let made = ids(calls.iter().map(|call| &call.id).collect());
            let answered = ids(results.iter().map(|result| &result.id).collect());
            assert_eq!(made, answered, "{form}");
            assert_eq!(calls[1].arguments, r#"{"path":"é"}"#);
            assert_eq!(*streamed, form != "generateContent");
            assert!(
                !path.contains('?'),
                "the key may stand in the query: {path}"
            );
        }
    }
}

#[tokio::test]
async fn both_streams_say_the_same_as_the_document() {
    let world = World::start(ProviderOptions {
        delta_bytes: 3,
        ..gemini("[[provider]]\nreply = { reasoning = \"Hm.\", text = \"Grüße aus dem All!\" }")
    })
    .await;
    for form in FORMS {
        let responses = responses(&world, form, &asks("hi")).await;
        assert_eq!(text(&responses), "Grüße aus dem All!", "{form}");
        let finish: Vec<&Value> = responses
            .iter()
            .map(|one| &one["candidates"][0]["finishReason"])
            .collect();
        let (last, before) = finish.split_last().expect("has an end");
        assert_eq!(**last, "STOP");
        assert!(before.iter().all(|finish| finish.is_null()), "{form}");
        let usage = &responses.last().expect("has an end")["usageMetadata"];
        assert_eq!(usage["totalTokenCount"], 19);
    }
    let answer = post(&world, FORMS[1], &asks("hi"))
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let answer = post(&world, FORMS[2], &asks("hi"))
        .send()
        .await
        .expect("is answered");
    assert_eq!(
        answer.headers()["content-type"],
        "application/json; charset=UTF-8"
    );
}

#[tokio::test]
async fn keys_are_taken_from_header_and_query_and_never_recorded() {
    const KEY: &str = "AIza-canary-0123456789abcdef";
    let world = World::start(ProviderOptions {
        credentials: vec![Credential {
            alias: "canary-1".into(),
            key: KEY.into(),
        }],
        ..gemini("[[provider]]\nreply = { text = \"Yes.\" }")
    })
    .await;
    let url = format!(
        "{}/v1beta/models/m:generateContent",
        world.provider.base_url()
    );
    let send = |request: reqwest::RequestBuilder| async {
        let answer = request.json(&asks("hi")).send().await.expect("is answered");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.expect("is JSON"))
    };
    let client = &world.client;
    assert_eq!(
        send(client.post(&url).header("x-goog-api-key", KEY))
            .await
            .0,
        200
    );
    assert_eq!(send(client.post(format!("{url}?key={KEY}"))).await.0, 200);
    let (status, bad) = send(client.post(&url).header("x-goog-api-key", "wrong")).await;
    assert_eq!(
        (status, &bad["error"]["status"]),
        (400, &json!("INVALID_ARGUMENT"))
    );
    assert_eq!(bad["error"]["details"][0]["reason"], "API_KEY_INVALID");
    let (status, none) = send(client.post(&url)).await;
    assert_eq!(
        (status, &none["error"]["status"]),
        (403, &json!("PERMISSION_DENIED"))
    );
    let records = format!("{:?}", world.facts());
    assert!(
        !records.contains(KEY) && records.contains("canary-1"),
        "{records}"
    );
}

#[tokio::test]
async fn a_request_that_breaks_the_rules_is_told_so_by_google() {
    let world = World::start(gemini("[[provider]]\nreply = { text = \"Yes.\" }")).await;
    let mut body = asks("hi");
    body["messages"] = json!([]);
    let answer = post(&world, FORMS[0], &body)
        .send()
        .await
        .expect("is answered");
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.expect("is JSON");
    let message = answer["error"]["message"].as_str().expect("is text");
    assert!(
        message.starts_with(
            "Invalid JSON payload received. Unknown name \"messages\": Cannot find field."
        ),
        "{message}"
    );
    let refused = world.facts().into_iter().find_map(|fact| match fact {
        Fact::RequestRefused { rule, .. } => Some(rule),
        _ => None,
    });
    assert_eq!(refused.as_deref(), Some("unknown-field"));
    let broken = post(&world, FORMS[2], &body)
        .body("{\"contents\": ")
        .send()
        .await;
    let broken: Value = broken.expect("is answered").json().await.expect("is JSON");
    assert_eq!(broken[0]["error"]["code"], 400, "an array was asked for");
}

#[tokio::test]
async fn documents_are_told_and_unknown_paths_are_pages() {
    let world = World::start(gemini("[[provider]]\nreply = { text = \"Yes.\" }")).await;
    let base = world.provider.base_url();
    let get = |path: &str| world.client.get(format!("{base}{path}")).send();
    let models: Value = get("/v1/models")
        .await
        .expect("is answered")
        .json()
        .await
        .expect("is JSON");
    assert!(models["models"].is_array());
    let one: Value = get("/v1beta/models/any")
        .await
        .expect("is answered")
        .json()
        .await
        .expect("is JSON");
    assert_eq!(one["name"], "models/any");
    let tokens = responses(&world, "countTokens", &asks("four more words here")).await;
    assert_eq!(tokens[0]["totalTokens"], 5);
    let embedded = json!({"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 4});
    let embedded = responses(&world, "embedContent", &embedded).await;
    assert_eq!(
        embedded[0]["embedding"]["values"].as_array().map(Vec::len),
        Some(4)
    );
    let nowhere = get("/v1beta/modules").await.expect("is answered");
    assert_eq!(nowhere.status(), 404);
    assert!(
        nowhere
            .text()
            .await
            .expect("is text")
            .starts_with("<!DOCTYPE html>")
    );
}

#[tokio::test]
async fn what_was_said_before_a_fault_is_recorded() {
    for form in ["streamGenerateContent?alt=sse", "streamGenerateContent"] {
        let script = "[[provider]]\nreply = { text = \"Look.\", tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }] }\n\
                      fault = { at = \"tool-arguments\", after_bytes = 9, action = \"close\" }";
        let world = World::start(gemini(script)).await;
        let answer = post(&world, form, &asks("hi"))
            .send()
            .await
            .expect("has begun");
        assert!(
            answer.bytes().await.is_err(),
            "{form}: the connection is closed in the middle"
        );
        let record = world
            .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
            .await;
        let Fact::ResponseEnded { ended, said, .. } = record.fact else {
            panic!("was asked for")
        };
        assert_eq!(ended, Ended::ByFault);
        let Said {
            text,
            tool_calls,
            finish,
            ..
        } = said;
        assert_eq!((text.as_str(), finish), ("Look.", None), "{form}");
        assert_eq!(
            (tool_calls[0].arguments.as_str(), tool_calls[0].whole),
            (r#"{"path":""#, false)
        );
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
    }
}

#[tokio::test]
async fn every_dialect_on_one_port_leaves_this_one_its_paths() {
    let world = World::start(says("[[provider]]\nreply = { text = \"Yes.\" }")).await;
    let root = world.provider.root_url();
    let send = |request: reqwest::RequestBuilder| async {
        let answer = request.send().await.expect("is answered");
        answer.json::<Value>().await.expect("is JSON")
    };
    let models = world.client.get(format!("{root}/v1/models"));
    let google = models
        .try_clone()
        .expect("has no body")
        .header("x-goog-api-key", "k");
    assert!(send(models).await["data"].is_array());
    assert!(send(google).await["models"].is_array());
    let generate = world
        .client
        .post(format!("{root}/v1/models/m:generateContent"));
    let answer = send(generate.json(&asks("hi"))).await;
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
}

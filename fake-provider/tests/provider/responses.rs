//! The Responses API and embeddings over real sockets: conversations that the provider remembers, and what it refuses.

use fake_provider::{Dialect, ProviderOptions};
use journal::{Fact, FaultOutcome};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::world::{World, says, speaks};

const ROUND: &str = "[[provider]]\nwhen = { call = 1 }\nreply = { text = \"Let me look.\", tool_calls = [{ tool = \"list\", \
                     arguments = { path = \"a\" } }, { tool = \"read\", arguments = { path = \"b\" } }] }\n\n[[provider]]\nwhen = \
                     { call = 2 }\nreply = { text = \"There are two.\" }";

async fn ask(world: &World, method: Method, path: &str, body: &Value) -> Response {
    let url = format!("{}{path}", world.provider.base_url());
    let request = world.client.request(method, url).json(body);
    request.send().await.expect("is answered")
}

async fn answer(world: &World, body: &Value) -> Value {
    let answer = ask(world, Method::POST, "/responses", body).await;
    assert_eq!(answer.status(), 200, "{body}");
    answer.json().await.expect("is JSON")
}

async fn refusal(world: &World, body: &Value) -> (u16, Value) {
    let answer = ask(world, Method::POST, "/responses", body).await;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.expect("is JSON");
    (status, body["error"].clone())
}

fn asks(input: impl Into<Value>) -> Value {
    json!({"model": "fake-model", "input": input.into()})
}

fn outputs(answer: &Value) -> Vec<Value> {
    let items = answer["output"].as_array().expect("has items").iter();
    let calls = items.filter(|item| item["type"] == "function_call");
    calls
        .map(|call| json!({"type": "function_call_output", "call_id": call["call_id"], "output": "r"}))
        .collect()
}

/// Which calls were asked for, in order.
fn calls(world: &World) -> Vec<Option<u32>> {
    let asked = |records: &[journal::Record]| {
        let requests = records
            .iter()
            .filter(|record| matches!(record.fact, Fact::Request { .. }));
        requests.map(|record| record.subject().call).collect()
    };
    world.recorder.with(asked)
}

#[tokio::test]
async fn a_stream_has_names_numbers_and_no_limits_in_its_head() {
    let world = World::start(ProviderOptions {
        delta_bytes: 4,
        ..says(ROUND)
    })
    .await;
    let mut body = asks("hi");
    body["stream"] = json!(true);
    let answer = ask(&world, Method::POST, "/responses", &body).await;
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert!(!headers.contains_key("x-ratelimit-limit-tokens"));
    let text = answer.text().await.expect("is whole");
    let mut said = String::new();
    for (number, event) in text.split_terminator("\n\n").enumerate() {
        let (name, data) = event.split_once('\n').expect("has two lines");
        let data: Value =
            serde_json::from_str(data.strip_prefix("data: ").expect("has data")).expect("is JSON");
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        assert_eq!(data["sequence_number"], number);
        if data["type"] == "response.output_text.delta" {
            said.push_str(data["delta"].as_str().expect("is text"));
        }
    }
    assert_eq!(said, "Let me look.");
    let ended = world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    let Fact::ResponseEnded { said, .. } = ended.fact else {
        panic!("is another")
    };
    assert_eq!(said.text, "Let me look.");
    assert_eq!(said.finish.as_deref(), Some("tool-calls"));
    assert!(said.tool_calls.len() == 2 && said.tool_calls.iter().all(|call| call.whole));
}

#[tokio::test]
async fn deltas_are_padded_unless_nobody_listens() {
    let world = World::script(ROUND).await;
    let lengths = async |options: Value| {
        let mut body = asks("hi");
        body["stream"] = json!(true);
        body["stream_options"] = options;
        let answer = ask(&world, Method::POST, "/responses", &body).await;
        let text = answer.text().await.expect("is whole");
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = data.map(|data| serde_json::from_str::<Value>(data).expect("is JSON"));
        let deltas = events.filter(|event| event["delta"].is_string());
        let length = |value: &Value| value.as_str().map(|text| text.chars().count());
        let lengths = deltas.map(|event| {
            let padding = length(&event["obfuscation"]);
            (length(&event["delta"]).expect("is text"), padding)
        });
        lengths.collect::<Vec<_>>()
    };
    let padded = lengths(json!({})).await;
    assert!(!padded.is_empty());
    for (delta, padding) in padded {
        let padding = padding.expect("is padded");
        assert!((1..=16).contains(&padding) && (delta + padding) % 16 == 0);
    }
    let plain = lengths(json!({"include_obfuscation": false})).await;
    assert!(!plain.is_empty() && plain.iter().all(|(_, padding)| padding.is_none()));
}

#[tokio::test]
async fn keep_alives_have_the_numbers_of_the_events_that_follow() {
    let script = "[[provider]]\nreply = { text = \"Hello.\" }\n\
                  fault = { at = \"event\", after = 2, action = \"keepalive-forever\", every = \"5ms\" }";
    let world = World::script(script).await;
    let mut body = asks("hi");
    body["stream"] = json!(true);
    let mut answer = ask(&world, Method::POST, "/responses", &body).await;
    let mut text = String::new();
    while text.matches("keepalive\n").count() < 10 {
        let chunk = answer.chunk().await.expect("goes on").expect("goes on");
        text.push_str(std::str::from_utf8(&chunk).expect("is text"));
    }
    drop(answer);
    for number in 2..11 {
        let keep_alive = format!(
            "event: keepalive\ndata: {{\"type\":\"keepalive\",\"sequence_number\":{number}}}\n\n"
        );
        assert!(text.contains(&keep_alive), "{text}");
    }
    let fault = |fact: &Fact| matches!(fact, Fact::Fault { .. });
    world.recorded(fault).await;
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
}

#[tokio::test]
async fn a_round_comes_back_as_items() {
    let world = World::script(ROUND).await;
    let first = answer(&world, &asks("hi")).await;
    let mut input = vec![json!({"role": "user", "content": "hi"})];
    input.extend(first["output"].as_array().expect("has items").clone());
    input.extend(outputs(&first));
    let second = answer(&world, &asks(input)).await;
    assert_eq!(second["output"][0]["content"][0]["text"], "There are two.");
    assert_eq!(calls(&world), [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_conversation_is_continued_by_the_id_of_its_last_answer() {
    let world = World::script(ROUND).await;
    let first = answer(&world, &asks("hi")).await;
    let mut next = asks(outputs(&first));
    next["previous_response_id"] = first["id"].clone();
    let second = answer(&world, &next).await;
    assert_eq!(second["previous_response_id"], first["id"]);
    assert_eq!(second["output"][0]["content"][0]["text"], "There are two.");
    assert_eq!(calls(&world), [Some(1), Some(2)]);
    next["input"] = json!("and now?");
    let (status, error) = refusal(&world, &next).await;
    assert_eq!(status, 400);
    let said = error["message"].as_str().expect("is text");
    assert!(
        said.starts_with("No tool output found for function call call_"),
        "{said}"
    );
}

#[tokio::test]
async fn items_that_are_remembered_can_be_referred_to() {
    let world = World::script(ROUND).await;
    let first = answer(&world, &asks("hi")).await;
    let mut input = vec![json!({"role": "user", "content": "hi"})];
    for item in first["output"].as_array().expect("has items") {
        input.push(json!({"type": "item_reference", "id": item["id"]}));
    }
    input.extend(outputs(&first));
    answer(&world, &asks(input)).await;
    assert_eq!(calls(&world), [Some(1), Some(2)]);
}

#[tokio::test]
async fn what_is_not_stored_or_deleted_is_not_remembered() {
    let world = World::script(ROUND).await;
    let continuing = |answer: &Value| {
        let mut next = asks(outputs(answer));
        next["previous_response_id"] = answer["id"].clone();
        next
    };
    let mut body = asks("hi");
    body["store"] = json!(false);
    let unstored = answer(&world, &body).await;
    let (status, error) = refusal(&world, &continuing(&unstored)).await;
    assert_eq!(
        (status, &error["code"]),
        (400, &json!("previous_response_not_found"))
    );
    assert_eq!(error["param"], "previous_response_id");
    let stored = answer(&world, &asks("hi")).await;
    let id = stored["id"].as_str().expect("is text");
    let path = format!("/responses/{id}");
    let again = ask(&world, Method::GET, &path, &Value::Null).await;
    assert_eq!(again.json::<Value>().await.expect("is JSON"), stored);
    let other = ask(&world, Method::PATCH, &path, &Value::Null).await;
    assert_eq!(
        (other.status().as_u16(), other.headers()["allow"].as_bytes()),
        (405, &b"GET, DELETE"[..])
    );
    let deleted = ask(&world, Method::DELETE, &path, &Value::Null).await;
    let deleted: Value = deleted.json().await.expect("is JSON");
    assert_eq!(
        deleted,
        json!({"id": id, "object": "response", "deleted": true})
    );
    for method in [Method::DELETE, Method::GET] {
        let again = ask(&world, method, &path, &Value::Null).await;
        assert_eq!(again.status(), 404);
        let error: Value = again.json().await.expect("is JSON");
        let message = format!("Response with id '{id}' not found.");
        let told = error["error"]["message"].as_str().expect("is text");
        assert!(told.starts_with(&message), "{told}");
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
    assert_eq!(refusal(&world, &continuing(&stored)).await.0, 400);
    let rules = world.facts().into_iter().filter_map(|fact| match fact {
        Fact::RequestRefused { rule, .. } => Some(rule),
        _ => None,
    });
    let rules: Vec<String> = rules.collect();
    assert_eq!(
        rules,
        ["unknown-previous-response", "unknown-previous-response"]
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_in_this_apis_words() {
    let world = World::start(speaks(Dialect::OpenaiResponses, ROUND)).await;
    let wrong = json!({"model": "m", "messages": []});
    assert_eq!(refusal(&world, &wrong).await.1["param"], "input");
    let nested = json!({"model": "m", "input": "a", "tools": [{"type": "function", "function": {"name": "f"}}]});
    let (status, error) = refusal(&world, &nested).await;
    assert_eq!((status, &error["param"]), (400, &json!("tools[0].name")));
    let chat = ask(&world, Method::POST, "/chat/completions", &wrong).await;
    assert_eq!(chat.status(), 404);
    let other = ask(&world, Method::PUT, "/responses", &wrong).await;
    assert_eq!(other.status(), 405);
    assert_eq!(other.headers()["allow"], "POST");
    let url = format!("{}/responses", world.provider.base_url());
    let broken = world.client.post(url).body("{\"model\":").send().await;
    let broken = broken.expect("is answered");
    assert_eq!(broken.status(), 400);
    assert_eq!(broken.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn embeddings_are_vectors_in_both_encodings_and_never_count_as_calls() {
    let world = World::script(ROUND).await;
    let mut body = json!({"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 3});
    let floats = ask(&world, Method::POST, "/embeddings", &body).await;
    assert_eq!(floats.headers()["content-type"], "application/json");
    let floats: Value = floats.json().await.expect("is JSON");
    let vectors: Vec<usize> = floats["data"]
        .as_array()
        .expect("are two")
        .iter()
        .map(|one| one["embedding"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(vectors, [3, 3]);
    body["encoding_format"] = json!("base64");
    let coded = ask(&world, Method::POST, "/embeddings", &body).await;
    let coded: Value = coded.json().await.expect("is JSON");
    // Three floats are twelve bytes are sixteen characters.
    let length = coded["data"][1]["embedding"].as_str().map(str::len);
    assert_eq!(length, Some(16));
    body["model"] = json!("does-not-exist");
    let unknown = ask(&world, Method::POST, "/embeddings", &body).await;
    assert_eq!(unknown.status(), 404);
    assert_eq!(calls(&world), [None, None, None]);
}

#[tokio::test]
async fn an_error_inside_a_stream_comes_nested_or_flat_and_ends_as_failed() {
    for (shape, code) in [("nested", "/error/code"), ("flat", "/code")] {
        let world = World::script(&format!(
            "[[provider]]\nreply = {{ text = \"Grüße aus dem All\" }}\nfault = {{ at = \"text\", after_bytes = 8, action = \
             \"error-event\", status = 503, shape = \"{shape}\" }}"
        ))
        .await;
        let mut body = asks("hi");
        body["stream"] = json!(true);
        let answer = ask(&world, Method::POST, "/responses", &body).await;
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.expect("is whole");
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let events: Vec<Value> = data
            .map(|data| serde_json::from_str(data).expect("is JSON"))
            .collect();
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number, "{shape}");
        }
        let [.., error, failed] = events.as_slice() else {
            panic!("{shape}: {events:?}")
        };
        assert_eq!(error["type"], "error");
        assert_eq!(error.pointer(code), Some(&json!("server_is_overloaded")));
        assert_eq!(failed["type"], "response.failed");
        assert_eq!(failed["response"]["status"], "failed");
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
        let said = world
            .until(|records| {
                records.iter().find_map(|record| match &record.fact {
                    Fact::ResponseEnded { said, .. } => Some(said.clone()),
                    _ => None,
                })
            })
            .await;
        assert_eq!((said.finish, said.end_marker), (None, false));
    }
}

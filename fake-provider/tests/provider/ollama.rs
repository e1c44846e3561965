//! Ollama over a real socket: lines, calls with and without ids, lists, errors, cuts.

use fake_provider::Dialect;
use journal::{Fact, SeenToolResult};
use serde_json::{Value, json};

use crate::world::{World, speaks};

const ROUND: &str = "[[provider]]\nwhen = { call = 1 }\nreply = { reasoning = \"Hmm.\", text = \"Let me look.\", \
                     tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }, \
                     { tool = \"list\", arguments = { path = \"docs\" } }] }\n\
                     [[provider]]\nwhen = { call = 2 }\nreply = { text = \"Two files.\" }";

async fn world(script: &str) -> World {
    World::start(speaks(Dialect::Ollama, script)).await
}

async fn post(world: &World, path: &str, body: &Value) -> reqwest::Response {
    let request = world.client.post(world.url(path)).json(body);
    request.send().await.expect("is answered")
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect()
}

fn asks() -> Value {
    json!({"model": "llama3.2", "messages": [{"role": "user", "content": "hi"}]})
}

#[tokio::test]
async fn an_answer_is_streamed_in_lines_unless_it_is_wanted_whole() {
    let world = world(ROUND).await;
    let answer = post(&world, "/api/chat", &asks()).await;
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let lines = lines(&answer.text().await.expect("is whole"));
    let joined = |member: &str| -> String {
        let parts = lines
            .iter()
            .filter_map(|line| line["message"][member].as_str());
        parts.collect()
    };
    assert_eq!(joined("content"), "Let me look.");
    assert_eq!(joined("thinking"), "Hmm.");
    let calls: Vec<&Value> = lines
        .iter()
        .filter_map(|line| line["message"]["tool_calls"].get(0))
        .collect();
    assert_eq!(calls[1]["function"]["arguments"], json!({"path": "docs"}));
    let last = lines.last().expect("has lines");
    assert_eq!(
        (&last["done"], &last["done_reason"]),
        (&json!(true), &json!("stop"))
    );
    assert!(lines.iter().rev().skip(1).all(|line| line["done"] == false));
    let whole = world_whole(&world).await;
    assert_eq!(
        whole["message"]["tool_calls"][0]["function"]["name"],
        "list"
    );
}

async fn world_whole(world: &World) -> Value {
    let mut body = asks();
    body["stream"] = json!(false);
    let answer = post(world, "/api/chat", &body).await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    answer.json().await.expect("is JSON")
}

/// What a client without ids sends back: the calls as they are, and the results by name.
#[tokio::test]
async fn calls_that_come_back_without_ids_are_the_ones_that_were_sent() {
    let world = world(ROUND).await;
    let answer = post(&world, "/api/chat", &asks()).await;
    let sent = lines(&answer.text().await.expect("is whole"));
    let ids: Vec<String> = sent
        .iter()
        .filter_map(|line| line["message"]["tool_calls"][0]["id"].as_str())
        .map(str::to_owned)
        .collect();
    let call = |path: &str| json!({"function": {"name": "list", "arguments": {"path": path}}});
    let mut next = asks();
    let messages = next["messages"].as_array_mut().expect("is a list");
    messages.push(json!({"role": "assistant", "content": "Let me look.", "tool_calls": [call("src"), call("docs")]}));
    messages.push(json!({"role": "tool", "tool_name": "list", "content": "a"}));
    messages.push(json!({"role": "tool", "tool_name": "list", "content": "b"}));
    next["stream"] = json!(false);
    let answer: Value = post(&world, "/api/chat", &next)
        .await
        .json()
        .await
        .expect("is JSON");
    assert_eq!(answer["message"]["content"], "Two files.");
    let seen = world.facts().into_iter().rev().find_map(|fact| match fact {
        Fact::Request { tool_results, .. } if !tool_results.is_empty() => Some(tool_results),
        _ => None,
    });
    let seen: Vec<SeenToolResult> = seen.expect("was recorded");
    assert_eq!([&*seen[0].id, &*seen[1].id], [&*ids[0], &*ids[1]]);
}

#[tokio::test]
async fn the_compatible_path_speaks_like_openai_with_an_accent() {
    let world = world(ROUND).await;
    let mut body = asks();
    body["stream"] = json!(true);
    let answer = post(&world, "/v1/chat/completions", &body).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.expect("is whole");
    assert!(
        text.contains("\"system_fingerprint\":\"fp_ollama\"") && text.ends_with("data: [DONE]\n\n")
    );
    let empty = json!({"model": "m", "messages": []});
    let refused = post(&world, "/v1/chat/completions", &empty).await;
    assert_eq!(refused.status(), 400);
    let refused: Value = refused.json().await.expect("is JSON");
    assert_eq!(refused["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn a_prompt_is_completed() {
    let world = world("[[provider]]\nreply = { text = \"blue\" }").await;
    let body = json!({"model": "m", "prompt": "The sky is", "stream": false});
    let answer: Value = post(&world, "/api/generate", &body)
        .await
        .json()
        .await
        .expect("is JSON");
    assert_eq!(
        (&answer["response"], &answer["done"]),
        (&json!("blue"), &json!(true))
    );
    assert!(answer["context"].is_array());
}

#[tokio::test]
async fn lists_and_loading_never_count_as_calls() {
    let world =
        world("[[provider]]\nwhen = { call = 1, attempt = 1 }\nreply = { text = \"first\" }").await;
    for path in ["/api/tags", "/api/version", "/api/ps", "/v1/models"] {
        let answer = world
            .client
            .get(world.url(path))
            .send()
            .await
            .expect("is answered");
        assert_eq!(answer.status(), 200, "{path}");
    }
    let load = json!({"model": "m", "messages": []});
    let load: Value = post(&world, "/api/chat", &load)
        .await
        .json()
        .await
        .expect("is JSON");
    assert_eq!(load["done_reason"], "load");
    let shown = post(&world, "/api/show", &json!({"model": "m"})).await;
    assert_eq!(shown.status(), 200);
    let mut body = asks();
    body["stream"] = json!(false);
    let answer: Value = post(&world, "/api/chat", &body)
        .await
        .json()
        .await
        .expect("is JSON");
    assert_eq!(answer["message"]["content"], "first");
}

#[tokio::test]
async fn errors_are_one_sentence_and_go_speaks_for_wrong_paths() {
    let script = "[[provider]]\nfault = { action = \"status\", status = 404 }";
    let world = world(script).await;
    let answer = post(&world, "/api/chat", &asks()).await;
    assert_eq!(answer.status(), 404);
    let answer: Value = answer.json().await.expect("is JSON");
    let sentence = answer["error"].as_str().expect("is a sentence");
    assert!(
        sentence.starts_with("model 'llama3.2' not found"),
        "{sentence}"
    );
    let wrong = json!({"model": "m", "messages": [{"role": "user", "content": []}]});
    let answer: Value = post(&world, "/api/chat", &wrong)
        .await
        .json()
        .await
        .expect("is JSON");
    let sentence = answer["error"].as_str().expect("is a sentence");
    assert!(
        sentence.contains("ChatRequest.messages.content of type string"),
        "{sentence}"
    );
    let answer = post(&world, "/api/nothing", &asks()).await;
    assert_eq!(answer.headers()["content-type"], "text/plain");
    let answer = world
        .client
        .get(world.url("/api/chat"))
        .send()
        .await
        .expect("is answered");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["allow"]),
        (405, &"POST".parse().expect("is a value"))
    );
}

#[tokio::test]
async fn a_cut_inside_arguments_leaves_a_line_that_is_no_json() {
    let script = "[[provider]]\nreply = { tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }] }\n\
                  fault = { at = \"tool-arguments\", after_bytes = 4, action = \"truncate\" }";
    let world = world(script).await;
    let answer = post(&world, "/api/chat", &asks()).await;
    let text = answer.text().await.expect("ends cleanly");
    assert!(text.ends_with("\"arguments\":{\"pa"), "{text}");
    let ended = world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    let Fact::ResponseEnded { said, .. } = ended.fact else {
        panic!("is another fact")
    };
    assert_eq!(
        (
            said.tool_calls[0].arguments.as_str(),
            said.tool_calls[0].whole
        ),
        ("{\"pa", false)
    );
}

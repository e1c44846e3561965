//! Going down in order: what is under way may finish, what is left is ended truthfully, and no task stays behind.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::provider::held;
use crate::world::{KEY, World, client, names, parse, settings};

/// Waits until the client's own connection tasks have ended too: they are told by their sockets.
async fn no_task_is_left() {
    let empty = async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    let left = || Handle::current().metrics().num_alive_tasks();
    let waited = tokio::time::timeout(Duration::from_secs(20), empty).await;
    assert!(waited.is_ok(), "{} tasks are left", left());
}

#[tokio::test]
async fn a_run_under_way_finishes_and_new_ones_are_refused() {
    let world = World::start(vec![held(&["Hel"], &["lo"])]).await;
    let run = world.run("hi").await;
    let response = world
        .get(&format!("/v1/runs/{run}/events"))
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let first = body.next().await.unwrap().unwrap();
    // One kept-alive connection from before the shutdown, over which the gateway can still be spoken to.
    let kept = client().pool_max_idle_per_host(1).build().unwrap();
    let health = kept
        .get(format!("{}/health", world.address))
        .send()
        .await
        .unwrap();
    health.bytes().await.unwrap();
    world.begin_shutdown();
    let refused = async {
        let request = kept
            .post(format!("{}/v1/runs", world.address))
            .bearer_auth(KEY);
        request
            .json(&json!({"input": "more"}))
            .send()
            .await
            .unwrap()
    };
    // The listener closes before anything is drained, so the refusal is awaited rather than timed.
    let mut response = refused.await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    let told: Value = serde_json::from_slice(&response.chunk().await.unwrap().unwrap()).unwrap();
    assert_eq!(told["error"]["code"], "gateway_draining");
    drop(response);
    world.provider.release();
    let mut stream = String::from_utf8(first.to_vec()).unwrap();
    while let Some(chunk) = body.next().await {
        stream.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    assert_eq!(names(&parse(&stream)).last(), Some(&"run.completed"));
    drop((body, kept));
    world.end().await;
    no_task_is_left().await;
}

#[tokio::test]
async fn what_does_not_finish_in_time_fails_and_says_why() {
    let mut hasty = settings();
    hasty.drain = Duration::from_millis(1);
    let world = World::start_with(vec![held(&["Hel"], &["lo"])], hasty).await;
    let run = world.run("hi").await;
    let response = world
        .get(&format!("/v1/runs/{run}/events"))
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let mut stream = String::from_utf8(body.next().await.unwrap().unwrap().to_vec()).unwrap();
    world.begin_shutdown();
    while let Some(chunk) = body.next().await {
        stream.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    let events = parse(&stream);
    assert_eq!(names(&events), ["message.delta", "run.failed"]);
    assert_eq!(events[1]["code"], "shutting_down");
    world.provider.wait(|seen| seen.deserted == 1).await;
    drop(body);
    world.end().await;
    no_task_is_left().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_cannot_hold_the_gateway_up() {
    let mut hasty = settings();
    hasty.grace = Duration::from_millis(1);
    let world = World::start_with(Vec::new(), hasty).await;
    // A request that never ends, and a connection that never says anything.
    let address = world.address.strip_prefix("http://").unwrap().to_owned();
    let silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    let mut half = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/runs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: 9\r\n\r\n{{"
    );
    tokio::io::AsyncWriteExt::write_all(&mut half, head.as_bytes())
        .await
        .unwrap();
    let answered = world
        .client
        .get(format!("{}/health", world.address))
        .send()
        .await
        .unwrap();
    assert_eq!(answered.status(), 200);
    drop(answered);
    world.end().await;
    no_task_is_left().await;
    drop((silent, half));
}

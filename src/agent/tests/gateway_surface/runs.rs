//! Runs over the gateway, from their start to their one ending.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::provider::{Reply, cut, error, held, stream};
use crate::world::{PROVIDER_KEY, World, names, text};

#[tokio::test]
async fn a_run_streams_its_text_and_completes_once() {
    let world = World::start(vec![Reply::Whole(stream(&["Hel", "lo"]))]).await;
    let run = world.run("hi").await;
    let events = world.events(&run).await;
    assert_eq!(text(&events), "Hello");
    let last = events.last().unwrap();
    assert_eq!(last["event"], "run.completed");
    assert_eq!(last["run_id"], run.as_str());
    assert!(last["timestamp"].is_f64());
    assert_eq!(last["output"], "Hello");
    let usage = json!({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5});
    assert_eq!(last["usage"], usage);
    let endings = names(&events)
        .into_iter()
        .filter(|name| name.starts_with("run."))
        .count();
    assert_eq!(endings, 1);

    let status = world.status(&run).await;
    assert_eq!(status["object"], "hermes.run");
    assert_eq!(status["status"], "completed");
    assert_eq!(status["session_id"], run.as_str());
    assert_eq!(status["last_event"], "run.completed");
    assert_eq!(
        (&status["output"], &status["usage"]),
        (&json!("Hello"), &usage)
    );
    world.end().await;
}

#[tokio::test]
async fn a_refused_key_fails_the_run_with_its_cause() {
    let message = format!("Incorrect API key provided: {PROVIDER_KEY}. nonce-17");
    let world = World::start(vec![Reply::Whole(error(401, &message))]).await;
    let run = world.run("hi").await;
    let events = world.events(&run).await;
    assert_eq!(names(&events), ["run.failed"]);
    let failed = &events[0];
    let told = failed["error"].as_str().unwrap();
    assert!(
        told.contains("nonce-17") && !told.contains(PROVIDER_KEY),
        "{told}"
    );
    assert_eq!(
        (&failed["code"], &failed["status"]),
        (&json!("auth"), &json!(401))
    );
    assert!(failed["usage"].is_object());
    let status = world.status(&run).await;
    assert_eq!(
        (&status["status"], &status["error"]),
        (&json!("failed"), &failed["error"])
    );
    assert!(status.get("output").is_none());
    assert_eq!(world.provider.seen().requests, 1);
    world.end().await;
}

#[tokio::test]
async fn a_broken_attempt_takes_its_text_back() {
    let world = World::start(vec![
        Reply::Whole(cut(&["Hel"])),
        Reply::Whole(stream(&["Hello"])),
    ])
    .await;
    let run = world.run("hi").await;
    let events = world.events(&run).await;
    assert_eq!(
        names(&events)
            .into_iter()
            .filter(|name| *name != "reasoning.available")
            .collect::<Vec<_>>(),
        [
            "message.delta",
            "message.superseded",
            "message.delta",
            "run.completed"
        ]
    );
    assert_eq!(events[1]["text"], "Hel");
    assert_eq!(events.last().unwrap()["output"], "Hello");
    world.end().await;
}

#[tokio::test]
async fn two_readers_and_a_late_one_see_the_same() {
    let world = World::start(vec![held(&["Hel"], &["lo"])]).await;
    let run = world.run("hi").await;
    let (one, other, ()) = tokio::join!(world.events(&run), world.events(&run), async {
        world.provider.wait(|seen| seen.requests == 1).await;
        world.provider.release();
    });
    assert_eq!(text(&one), "Hello");
    assert_eq!(names(&one).last(), Some(&"run.completed"));
    assert_eq!(one, other);
    assert_eq!(one, world.events(&run).await);
    world.end().await;
}

#[tokio::test]
async fn a_reader_that_comes_back_still_gets_the_ending() {
    let world = World::start(vec![held(&["Hel"], &["lo"])]).await;
    let run = world.run("hi").await;
    let response = world
        .get(&format!("/v1/runs/{run}/events"))
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(
        first.starts_with(b"data: {\"event\":\"message.delta\""),
        "{first:?}"
    );
    drop(body);
    world.provider.release();
    let events = world.events(&run).await;
    assert_eq!(text(&events), "Hello");
    assert_eq!(names(&events).last(), Some(&"run.completed"));
    world.end().await;
}

#[tokio::test]
async fn a_stopped_run_is_cancelled_and_its_upstream_socket_closes() {
    let world = World::start(vec![held(&["Hel"], &["lo"])]).await;
    let run = world.run("hi").await;
    world.provider.wait(|seen| seen.requests == 1).await;
    let stop = format!("/v1/runs/{run}/stop");
    let response = world.post(&stop).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let told: Value = response.json().await.unwrap();
    assert_eq!(told, json!({"run_id": run, "status": "stopping"}));
    world.provider.wait(|seen| seen.deserted == 1).await;
    let events = world.events(&run).await;
    assert_eq!(names(&events).last(), Some(&"run.cancelled"));
    assert!(events.last().unwrap()["usage"].is_object());
    assert_eq!(world.status(&run).await["status"], "cancelled");
    let again = world.post(&stop).send().await.unwrap();
    assert_eq!(again.status(), 404);
    assert_eq!(world.provider.seen().requests, 1);
    world.end().await;
}

#[tokio::test]
async fn a_stop_that_comes_before_the_run_has_begun_is_not_lost() {
    let world = World::start(vec![held(&["Hel"], &["lo"])]).await;
    let start = async || {
        let body = json!({"input": "hi", "session_id": "shared"});
        let response = world.post("/v1/runs").json(&body).send().await.unwrap();
        let told: Value = response.json().await.unwrap();
        told["run_id"].as_str().unwrap().to_owned()
    };
    let first = start().await;
    world.provider.wait(|seen| seen.requests == 1).await;
    // A session has one turn at a time, so the second run waits for the first.
    let second = start().await;
    let response = world
        .post(&format!("/v1/runs/{second}/stop"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(names(&world.events(&second).await), ["run.cancelled"]);
    world.provider.release();
    assert_eq!(
        names(&world.events(&first).await).last(),
        Some(&"run.completed")
    );
    assert_eq!(world.provider.seen().requests, 1);
    world.end().await;
}

#[tokio::test]
async fn a_request_is_carried_to_the_provider() {
    let world = World::start(vec![Reply::Whole(stream(&["ok"]))]).await;
    let body = json!({
        "input": "third", "instructions": "be brief", "model": "other", "session_id": "s-1", "surprise": 1,
        "conversation_history": [{"role": "user", "content": "first"}, {"role": "assistant", "content": "second"}],
    });
    let response = world
        .post("/v1/runs")
        .json(&body)
        .header("x-hermes-session-key", "k")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["x-hermes-session-key"], "k");
    let told: Value = response.json().await.unwrap();
    let run = told["run_id"].as_str().unwrap();
    assert_eq!(
        names(&world.events(run).await).last(),
        Some(&"run.completed")
    );
    let status = world.status(run).await;
    assert_eq!(
        (&status["session_id"], &status["model"]),
        (&json!("s-1"), &json!("other"))
    );
    let sent: Value = serde_json::from_str(&world.provider.bodies()[0]).unwrap();
    assert_eq!(sent["model"], "other");
    let messages = sent["messages"].to_string();
    let places: Vec<_> = ["be brief", "first", "second", "third"]
        .iter()
        .map(|text| messages.find(text))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{messages}"
    );
    world.end().await;
}

#[tokio::test]
async fn a_repeated_key_runs_once_conflicts_loudly_and_never_repeats_a_failure() {
    let replies = vec![
        Reply::Whole(stream(&["one"])),
        Reply::Whole(error(401, "no")),
        Reply::Whole(stream(&["two"])),
    ];
    let world = World::start(replies).await;
    let send = async |key: &str, input: &str| {
        let request = world.post("/v1/runs").header("idempotency-key", key);
        let response = request
            .json(&json!({ "input": input }))
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let replayed = response.headers().contains_key("idempotent-replayed");
        let body: Value = response.json().await.unwrap();
        (status, replayed, body)
    };
    let (status, replayed, first) = send("a", "hi").await;
    assert_eq!((status, replayed), (202, false));
    let (status, replayed, second) = send("a", "hi").await;
    assert_eq!((status, replayed), (202, true));
    assert_eq!(first, second);
    let run = first["run_id"].as_str().unwrap();
    assert_eq!(world.events(run).await.last().unwrap()["output"], "one");
    assert_eq!(send("a", "hi").await.2, first);
    let (status, _, conflict) = send("a", "ho").await;
    assert_eq!(
        (status, &conflict["error"]["code"]),
        (409, &json!("idempotency_conflict"))
    );
    assert_eq!(world.provider.seen().requests, 1);

    let (_, _, failed) = send("b", "hi").await;
    let run = failed["run_id"].as_str().unwrap();
    assert_eq!(names(&world.events(run).await), ["run.failed"]);
    let (status, replayed, anew) = send("b", "hi").await;
    assert_eq!((status, replayed), (202, false));
    assert_ne!(anew, failed);
    let run = anew["run_id"].as_str().unwrap();
    assert_eq!(world.events(run).await.last().unwrap()["output"], "two");
    world.end().await;
}

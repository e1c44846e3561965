//! Concurrent runs with the same visible prompt: whoever comes first, each gets its own, and its records are the same.

use std::collections::BTreeMap;

use fake_provider::ProviderOptions;
use journal::{Fact, Record};
use serde_json::{Value, json};

use crate::world::{World, says};

const RUNS: u32 = 8;

const SCRIPT: &str = r#"
[[provider]]
when = { call = 1, attempt = 1 }
fault = { action = "status", status = 503 }

[[provider]]
when = { call = 1, run = 3 }
reply = { tool_calls = [{ tool = "read", arguments = { path = "three" } }] }

[[provider]]
when = { call = 1 }
reply = { tool_calls = [{ tool = "list", arguments = { path = "src" } }, { tool = "effect", arguments = { name = "a" } }] }

[[provider]]
when = { call = 2 }
reply = { text = "Done." }
"#;

/// One run as an honest agent does it: a retry, a tool round, the answer.
async fn run(world: &World, run: u32) -> String {
    let mut messages = vec![json!({"role": "user", "content": format!("Do it. [run-{run}]")})];
    loop {
        let body = json!({"model": "m", "stream": false, "messages": messages});
        let answer = world.post(&body).send().await.expect("is answered");
        if answer.status() == 503 {
            continue;
        }
        let answer: Value = answer.json().await.expect("is JSON");
        let message = answer["choices"][0]["message"].clone();
        let Some(calls) = message["tool_calls"].as_array().cloned() else {
            return message["content"].as_str().expect("is text").to_owned();
        };
        messages.push(message);
        let results = calls
            .iter()
            .map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "ok"}));
        messages.extend(results);
    }
}

/// The records of every run, without times and with connections counted within the run.
async fn records(order: impl Iterator<Item = u32>) -> BTreeMap<u32, Vec<String>> {
    let world = World::start(ProviderOptions {
        markers: (1..=RUNS)
            .map(|run| (format!("[run-{run}]"), run))
            .collect(),
        seed: 11,
        ..says(SCRIPT)
    })
    .await;
    let world = std::sync::Arc::new(world);
    let runs = order.map(|number| {
        let world = std::sync::Arc::clone(&world);
        tokio::spawn(async move { run(&world, number).await })
    });
    for run in runs.collect::<Vec<_>>() {
        assert_eq!(run.await.expect("ends"), "Done.");
    }
    // The client has the last byte before it is recorded that it left.
    for run in 1..=RUNS {
        let all_ended = |records: &[Record]| {
            let of_run = records.iter().filter(|record| record.run == Some(run));
            let ended = of_run.filter(|record| matches!(record.fact, Fact::ResponseEnded { .. }));
            (ended.count() == 3).then_some(())
        };
        world.until(all_ended).await;
    }
    let journal = world.recorder.journal();
    let of_run = |run: u32| journal.of_run(run).map(without_arrival).collect();
    (1..=RUNS).map(|run| (run, of_run(run))).collect()
}

fn without_arrival(record: &Record) -> String {
    let mut fact = record.fact.clone();
    if let Fact::Request { connection, .. } = &mut fact {
        *connection = 0;
    }
    format!("{:?} {:?} {fact:?}", record.call, record.attempt)
}

#[tokio::test]
async fn eight_runs_at_once_give_the_same_records_whoever_comes_first() {
    let expected = records(1..=RUNS).await;
    assert!(
        expected.values().all(|records| records.len() == 10),
        "{expected:#?}"
    );
    assert!(expected[&3].iter().any(|record| record.contains("three")));
    assert_eq!(records((1..=RUNS).rev()).await, expected);
    assert_eq!(
        records([5, 2, 8, 1, 7, 4, 6, 3].into_iter()).await,
        expected
    );
}

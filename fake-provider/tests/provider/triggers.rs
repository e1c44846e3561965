//! Which entry answers: by what a request carries, by counting, by chance, and by the time.

use fake_provider::ProviderOptions;
use journal::FaultOutcome;
use serde_json::{Value, json};

use crate::world::{World, asks, says};

/// What is said to a request.
async fn said(request: reqwest::RequestBuilder) -> String {
    let answer = request.send().await.expect("is answered");
    let status = answer.status();
    let body: Value = answer.json().await.expect("is JSON");
    match body["choices"][0]["message"]["content"].as_str() {
        Some(text) => text.to_owned(),
        None => status.as_u16().to_string(),
    }
}

const RULES: &str = r#"
[[provider]]
when = { header = { X-Tenant = "blue*" } }
reply = { text = "by header" }

[[provider]]
when = { conversation = "thread-?" }
reply = { text = "by conversation" }

[[provider]]
when = { prompt = "weather*Paris" }
reply = { text = "by prompt" }

[[provider]]
when = { model = "small-*" }
reply = { text = "by model" }

[[provider]]
when = { path = "/v2/*" }
reply = { text = "by a path that nobody asks for" }

[[provider]]
when = { path = "*/chat/completions" }
reply = { text = "by path" }
"#;

#[tokio::test]
async fn rules_look_at_model_header_prompt_conversation_and_path() {
    let world = World::script(RULES).await;
    let plain = asks("Hello");
    let tenant = world.post(&plain).header("x-tenant", "blue-7");
    assert_eq!(said(tenant).await, "by header");
    let session = world.post(&plain).header("x-session-id", "thread-1");
    assert_eq!(said(session).await, "by conversation");
    let mut metadata = plain.clone();
    metadata["metadata"] = json!({ "conversation_id": "thread-2" });
    assert_eq!(said(world.post(&metadata)).await, "by conversation");
    let prompt = asks("What is the weather\nlike in Paris, please?");
    assert_eq!(said(world.post(&prompt)).await, "by prompt");
    let mut model = plain.clone();
    model["model"] = json!("small-1");
    assert_eq!(said(world.post(&model)).await, "by model");
    assert_eq!(said(world.post(&plain)).await, "by path");
}

#[tokio::test]
async fn every_third_request_fails() {
    let script = "[[provider]]\nwhen = { every = 3 }\nfault = { action = \"status\", status = 503 }\n\
                  [[provider]]\nreply = { text = \"fine\" }\n";
    let world = World::script(script).await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(said(world.post(&asks("Hello"))).await);
    }
    let expected = ["fine", "fine", "503", "fine", "fine", "503", "fine"];
    assert_eq!(answers, expected);
}

const CHANCE: &str = "[[provider]]\nwhen = { probability = 0.4 }\nfault = { action = \"status\", status = 503 }\n\
                      [[provider]]\nreply = { text = \"fine\" }\n";

async fn thrown(seed: u64, requests: usize) -> Vec<String> {
    let options = ProviderOptions {
        seed,
        ..says(CHANCE)
    };
    let world = World::start(options).await;
    let mut answers = Vec::new();
    for _ in 0..requests {
        answers.push(said(world.post(&asks("Hello"))).await);
    }
    answers
}

#[tokio::test]
async fn chance_is_drawn_from_the_seed() {
    let (one, other) = (thrown(1, 40).await, thrown(2, 40).await);
    assert_eq!(one, thrown(1, 40).await);
    assert_ne!(one, other);
    for answers in [one, other] {
        let failed = answers.iter().filter(|answer| *answer == "503").count();
        assert!((4..30).contains(&failed), "{answers:?}");
    }
}

#[tokio::test]
async fn a_fault_that_chance_never_chose_is_inapplicable_and_one_nobody_came_to_is_unreached() {
    let script = "[[provider]]\nwhen = { probability = 0.0000001 }\nfault = { action = \"status\", status = 503 }\n\
                  [[provider]]\nwhen = { call = 7, probability = 0.5 }\nfault = { action = \"status\", status = 503 }\n\
                  [[provider]]\nreply = { text = \"fine\" }\n";
    let world = World::script(script).await;
    assert_eq!(said(world.post(&asks("Hello"))).await, "fine");
    let World {
        provider, recorder, ..
    } = world;
    provider.shutdown().await;
    let outcomes = recorder.with(|records| {
        let outcome = |record: &journal::Record| match record.fact {
            journal::Fact::Fault { entry, outcome, .. } => Some((entry, outcome)),
            _ => None,
        };
        records.iter().filter_map(outcome).collect::<Vec<_>>()
    });
    assert_eq!(
        outcomes,
        [
            (0, FaultOutcome::Inapplicable),
            (1, FaultOutcome::Unreached)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_outage_has_its_time() {
    let script = "[[provider]]\nwhen = { within = { from = \"2s\", until = \"10s\" } }\nfault = { action = \"status\", status = 503 }\n\
                  [[provider]]\nreply = { text = \"fine\" }\n";
    let world = World::script(script).await;
    let mut answers = Vec::new();
    for seconds in [0, 3, 6, 2] {
        tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
        answers.push(said(world.post(&asks("Hello"))).await);
    }
    assert_eq!(answers, ["fine", "503", "503", "fine"]);
}

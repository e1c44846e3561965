//! Shutdown, panics, and the next run after a bad one.

use std::sync::Arc;
use std::time::Duration;

use reference_agent::config::RetryBudget;
use reference_agent::failure::Failure;
use reference_agent::lifecycle::LifecycleFact;
use reference_agent::retry::{Decision, RetryPolicy};
use reference_agent::seams::Seams;

use crate::provider::{Act, call, delta, refuse, stream, text};
use crate::world::{World, failure, output};

/// Waits until no task is left on this runtime.
async fn quiescent() {
    let metrics = tokio::runtime::Handle::current().metrics();
    for _ in 0..10_000 {
        if metrics.num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{} tasks are left", metrics.num_alive_tasks());
}

#[tokio::test(start_paused = true)]
async fn shutdown_leaves_neither_task_nor_client() {
    let script = vec![
        call("a", "list", "{\"path\": \".\"}"),
        text("ok"),
        refuse(500, "", "m", "c"),
        text("ok"),
    ];
    let world = World::new(script).await;
    output(world.say("one").await);
    output(world.say("two").await);
    let World {
        agent,
        provider,
        facts,
        ..
    } = world;
    agent.shutdown().await;
    agent.shutdown().await;
    drop(provider);
    quiescent().await;
    let all = facts.all();
    assert_eq!(
        all.last(),
        Some(&LifecycleFact::ShutdownFinished {
            open_clients: 0,
            open_tasks: 0
        })
    );
    assert_eq!(
        facts.count(|fact| matches!(fact, LifecycleFact::ShutdownStarted)),
        1
    );
    let built = facts.count(|fact| matches!(fact, LifecycleFact::ClientBuilt { .. }));
    let closed = facts.count(|fact| matches!(fact, LifecycleFact::ClientClosed { .. }));
    assert_eq!((built, closed), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_a_run_in_flight_and_refuses_the_next() {
    let mut stalled = stream(&[delta("Hel")]);
    stalled.push(Act::Stall);
    let world = World::new(vec![stalled]).await;
    let ending = async {
        world.provider.until(|seen| seen.bodies.len() == 1).await;
        world.agent.shutdown().await;
    };
    let (outcome, ()) = tokio::join!(world.say("hi"), ending);
    assert_eq!(failure(outcome).code.as_str(), "shutting_down");
    world.provider.until(|seen| seen.left == 1).await;
    assert_eq!(
        failure(world.say("again").await).code.as_str(),
        "shutting_down"
    );
    assert_eq!(world.provider.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_each_kind_of_failure_the_next_run_succeeds() {
    let failures = [
        refuse(401, "", "m", "c"),
        refuse(400, "", "m", "c"),
        stream(&[delta("x")]),
        vec![Act::Write(b"garbage\r\n\r\n".to_vec())],
        vec![Act::Stall],
        vec![],
    ];
    for bad in failures {
        let once = |config: &mut reference_agent::config::AgentConfig| config.retry.attempts = 1;
        let world = World::with(vec![bad, text("ok")], once, Seams::default()).await;
        failure(world.say("one").await);
        assert_eq!(output(world.say("two").await), "ok");
    }
}

/// A policy with a mistake in it.
struct Careless;

impl RetryPolicy for Careless {
    fn decide(&self, _: &Failure, _: u32, _: &RetryBudget, _: f64) -> Decision {
        panic!("careless")
    }
}

#[tokio::test]
async fn a_panic_is_a_failed_run_and_a_background_failure() {
    let seams = Seams {
        retry: Arc::new(Careless),
        ..Seams::default()
    };
    let world = World::with(vec![refuse(500, "", "m", "c"), text("ok")], |_| {}, seams).await;
    assert_eq!(failure(world.say("one").await).code.as_str(), "internal");
    let told = |fact: &LifecycleFact| matches!(fact, LifecycleFact::BackgroundFailure { message } if message.contains("careless"));
    assert_eq!(world.facts.count(told), 1);
    assert_eq!(output(world.say("two").await), "ok");
}

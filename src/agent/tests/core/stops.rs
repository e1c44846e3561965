//! Stops and silences: what ends a run from outside, and what it leaves behind.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reference_agent::config::AgentConfig;
use reference_agent::event::{EventSink, RunEvent};
use reference_agent::halt::StopSignal;
use reference_agent::lifecycle::LifecycleFact;
use reference_agent::message::ToolCall;
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Seams, ToolGate};
use reference_agent::tools::{ToolOutput, Toolbox};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::provider::{Act, call, call_start, delta, done, finish, refuse, stream, text, usage};
use crate::world::{World, failure, output, turn};

fn then_stall(events: &[String]) -> Vec<Act> {
    let mut acts = stream(events);
    acts.push(Act::Stall);
    acts
}

#[tokio::test]
async fn a_stop_in_flight_closes_the_socket_and_is_no_failure() {
    let world = World::new(vec![
        then_stall(&[usage(3, 1), delta("Hel")]),
        text("again"),
    ])
    .await;
    let stop = StopSignal::new();
    let running = world.say_until("hi", stop.clone());
    let stopping = async {
        world.provider.until(|seen| seen.bodies.len() == 1).await;
        while world.events.text().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.stop();
    };
    let (outcome, ()) = tokio::join!(running, stopping);
    assert_eq!(
        outcome,
        Outcome::Cancelled {
            usage: Usage {
                input_tokens: 3,
                output_tokens: 1,
                total_tokens: 4
            }
        }
    );
    world.provider.until(|seen| seen.left == 1).await;
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::RetryDecided { .. })),
        0
    );
    assert_eq!(output(world.say("and again").await), "again");
    assert_eq!(
        world.messages(1),
        [("user".to_owned(), "and again".to_owned())]
    );
}

#[tokio::test]
async fn a_stop_that_came_before_the_run_sends_nothing() {
    let world = World::new(vec![text("x")]).await;
    let stop = StopSignal::new();
    stop.stop();
    assert!(matches!(
        world.say_until("hi", stop).await,
        Outcome::Cancelled { .. }
    ));
    assert_eq!(world.provider.requests(), 0);
}

/// Stops the run at the moment when its last text arrives.
struct StopAtText(StopSignal);

impl EventSink for StopAtText {
    fn event(&self, _: RunEvent) {
        self.0.stop();
    }
}

#[tokio::test]
async fn a_stop_at_the_same_moment_as_the_answer_wins() {
    let world = World::new(vec![text("all there")]).await;
    let stop = StopSignal::new();
    let outcome = world
        .agent
        .run_turn(turn("s", "hi"), Arc::new(StopAtText(stop.clone())), stop)
        .await;
    assert!(matches!(outcome, Outcome::Cancelled { .. }), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_wait_ends_the_wait() {
    let world = World::new(vec![refuse(429, "retry-after: 100\r\n", "m", "c")]).await;
    let stop = StopSignal::new();
    let before = Instant::now();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.stop();
    };
    let (outcome, ()) = tokio::join!(world.say_until("hi", stop.clone()), stopping);
    assert!(matches!(outcome, Outcome::Cancelled { .. }), "{outcome:?}");
    assert_eq!(
        (before.elapsed().as_secs(), world.provider.requests()),
        (10, 1)
    );
}

/// A gate whose tools never return.
struct Endless;

impl ToolGate for Endless {
    fn execute<'a>(
        &'a self,
        _: &'a Toolbox,
        _: &'a str,
        _: &'a ToolCall,
        _: Map<String, Value>,
    ) -> BoxFuture<'a, ToolOutput> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_tool_leaves_a_conversation_that_goes_on() {
    let calls = stream(&[
        call_start(0, "a", "list", "{\"path\": \".\"}"),
        call_start(1, "b", "list", "{\"path\": \".\"}"),
        finish("tool_calls"),
        done(),
    ]);
    let seams = Seams {
        tool_gate: Arc::new(Endless),
        ..Seams::default()
    };
    let world = World::with(vec![calls, text("ok")], |_| {}, seams).await;
    let stop = StopSignal::new();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.stop();
    };
    let (outcome, ()) = tokio::join!(world.say_until("go", stop.clone()), stopping);
    assert!(matches!(outcome, Outcome::Cancelled { .. }), "{outcome:?}");
    let started = world
        .events
        .all()
        .iter()
        .filter(|event| matches!(event, RunEvent::ToolStarted { .. }))
        .count();
    let completed = world
        .events
        .all()
        .iter()
        .filter(|event| matches!(event, RunEvent::ToolCompleted { .. }))
        .count();
    assert_eq!((started, completed), (1, 1));
    assert_eq!(output(world.say("go on").await), "ok");
    let roles: Vec<String> = world
        .messages(1)
        .into_iter()
        .map(|(role, _)| role)
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "user"]);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_an_attempt_and_comments_are_silence() {
    let comments = Act::Repeat(b": ping\n\n".to_vec(), Duration::from_secs(1));
    let nothings = Act::Repeat(
        b"data: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n".to_vec(),
        Duration::from_secs(1),
    );
    for noise in [Act::Stall, comments, nothings] {
        let mut stalled = stream(&[delta("Hel")]);
        stalled.push(noise);
        let world = World::new(vec![stalled; 3]).await;
        let before = Instant::now();
        let failure = failure(world.say("hi").await);
        assert_eq!(failure.code.as_str(), "timeout");
        assert!(
            (180..190).contains(&before.elapsed().as_secs()),
            "{:?}",
            before.elapsed()
        );
        world.provider.until(|seen| seen.left == 3).await;
        world.agent.shutdown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_times_out() {
    let world = World::new(vec![vec![Act::Stall]; 3]).await;
    assert_eq!(failure(world.say("hi").await).code.as_str(), "timeout");
    assert_eq!(world.provider.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_slow_but_living_stream_is_not_killed() {
    let mut slow = stream(&[delta("0")]);
    for number in 1..20 {
        slow.push(Act::Pause(Duration::from_secs(59)));
        slow.push(Act::Write(delta(&number.to_string()).into_bytes()));
    }
    slow.push(Act::Write([finish("stop"), done()].concat().into_bytes()));
    let world = World::new(vec![slow]).await;
    assert!(output(world.say("count").await).ends_with("19"));
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_within_its_own_limit_whatever_the_provider_does() {
    let drip = Act::Repeat(delta("x").into_bytes(), Duration::from_secs(1));
    let mut endless = stream(&[]);
    endless.push(drip);
    let limit = Duration::from_secs(100);
    let world = World::with(
        vec![endless],
        |config| config.timeouts.run = limit,
        Seams::default(),
    )
    .await;
    let before = Instant::now();
    assert_eq!(
        failure(world.say("hi").await).code.as_str(),
        "budget_exhausted"
    );
    assert_eq!(before.elapsed().as_secs(), 100);
    world.provider.until(|seen| seen.left == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_response_without_end_is_cut_off() {
    let endless = |bytes: Vec<u8>| {
        vec![
            Act::Write(stream_head()),
            Act::Repeat(bytes, Duration::from_millis(1)),
        ]
    };
    for bytes in [delta(&"x".repeat(500)).into_bytes(), vec![b'x'; 500]] {
        let world = World::with(
            vec![endless(bytes); 3],
            |config| config.max_response_bytes = 10_000,
            Seams::default(),
        )
        .await;
        let failure = failure(world.say("hi").await);
        assert!(
            failure.message.contains("larger than 10000 bytes"),
            "{}",
            failure.message
        );
    }
}

#[tokio::test]
async fn dropping_a_run_gives_up_its_request() {
    let world = World::new(vec![then_stall(&[]), text("ok")]).await;
    {
        let running = world.say("hi");
        tokio::pin!(running);
        tokio::select! {
            biased;
            outcome = &mut running => panic!("it ended: {outcome:?}"),
            () = world.provider.until(|seen| seen.bodies.len() == 1) => {}
        }
    }
    world.provider.until(|seen| seen.left == 1).await;
    assert_eq!(output(world.say("again").await), "ok");
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::ClientDropped { .. })),
        0
    );
}

#[tokio::test]
async fn a_tool_that_panics_is_an_error_result_and_a_background_failure() {
    /// A store whose disk is haunted.
    struct Haunted;
    impl reference_agent::store::Store for Haunted {
        fn append(&self, _: &std::path::Path, _: &[u8]) -> std::io::Result<()> {
            panic!("boo")
        }
    }
    let seams = Seams {
        store: Arc::new(Haunted),
        ..Seams::default()
    };
    let world = World::with(
        vec![call("a", "effect", "{\"name\": \"x\"}"), text("ok")],
        |_| {},
        seams,
    )
    .await;
    assert_eq!(output(world.say("go").await), "ok");
    let told = |fact: &LifecycleFact| matches!(fact, LifecycleFact::BackgroundFailure { message } if message.contains("boo"));
    assert_eq!(world.facts.count(told), 1);
}

fn stream_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec()
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_no_clock_reaches_is_none() {
    let endless = |config: &mut AgentConfig| {
        config.timeouts.run = Duration::MAX;
        config.timeouts.first_byte = Duration::MAX;
        config.timeouts.idle = Duration::MAX;
        config.timeouts.tool = Duration::MAX;
    };
    let script = vec![call("a", "list", "{\"path\": \".\"}"), text("ok")];
    let world = World::with(script, endless, Seams::default()).await;
    assert_eq!(output(world.say("hi").await), "ok");
}

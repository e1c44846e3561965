//! Turns that go well: text, tools, sessions, long answers and long conversations.

use std::sync::Arc;

use reference_agent::agent::Turn;
use reference_agent::event::RunEvent;
use reference_agent::halt::StopSignal;
use reference_agent::lifecycle::{ClientRole, LifecycleFact};
use reference_agent::message::{HistoryMessage, HistoryRole};
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::Seams;

use crate::provider::{
    Provider, call, call_start, delta, done, finish, refuse, stream, text, usage, whole,
};
use crate::world::{Facts, World, failure, output, start, turn};

#[tokio::test]
async fn a_streamed_text_turn_says_what_the_provider_said() {
    let answer = stream(&[
        delta("Hel"),
        delta("lo 🎉"),
        finish("stop"),
        usage(10, 2),
        done(),
    ]);
    let world = World::new(vec![answer]).await;
    let usage = Usage {
        input_tokens: 10,
        output_tokens: 2,
        total_tokens: 12,
    };
    assert_eq!(
        world.say("hi").await,
        Outcome::Completed {
            output: "Hello 🎉".to_owned(),
            usage
        }
    );
    assert_eq!(world.events.text(), "Hello 🎉");
    let body = &world.provider.seen().bodies[0];
    assert_eq!(
        (
            body["stream"].as_bool(),
            body["stream_options"]["include_usage"].as_bool()
        ),
        (Some(true), Some(true))
    );
    assert_eq!(body["tools"].as_array().unwrap().len(), 3);
    let head = &world.provider.seen().heads[0];
    assert!(
        head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("authorization: Bearer sk-canary-0123456789\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_turn_that_is_not_streamed_says_the_same() {
    let world = World::with(
        vec![whole("Hello")],
        |config| config.streaming = false,
        Seams::default(),
    )
    .await;
    assert_eq!(output(world.say("hi").await), "Hello");
    assert_eq!(
        world.events.all(),
        [RunEvent::MessageDelta {
            delta: "Hello".to_owned()
        }]
    );
    assert_eq!(world.provider.seen().bodies[0]["stream"], false);
}

#[tokio::test]
async fn every_tool_call_runs_once_and_is_answered_once() {
    let calls = stream(&[
        call_start(0, "call_a", "list", "{\"path\""),
        call_start(1, "call_b", "effect", "{\"name\": \"deploy\"}"),
        call_start(0, "call_a", "list", ": \".\"}"),
        finish("tool_calls"),
        done(),
    ]);
    let world = World::new(vec![calls, text("Done.")]).await;
    std::fs::write(world.home.path().join("workspace/notes.txt"), "n").unwrap();
    assert_eq!(output(world.say("go").await), "Done.");
    assert_eq!(world.ledger(), "deploy\n");
    let second = &world.provider.seen().bodies[1]["messages"];
    let ids: Vec<_> = second
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|message| message["tool_call_id"].as_str())
        .collect();
    assert_eq!(ids, ["call_a", "call_b"]);
    assert_eq!(
        world.messages(1)[2..],
        [pair("tool", "notes.txt"), pair("tool", "done: deploy")]
    );
    let started = world
        .facts
        .count(|fact| matches!(fact, LifecycleFact::ToolStarted { .. }));
    let finished = world
        .facts
        .count(|fact| matches!(fact, LifecycleFact::ToolFinished { error: false, .. }));
    assert_eq!((started, finished), (2, 2));
}

#[tokio::test]
async fn arguments_that_are_no_json_are_told_to_the_model_and_nothing_runs() {
    let broken = call("call_a", "effect", "{\"name\": \"deploy\"");
    let world = World::new(vec![broken, text("Sorry.")]).await;
    assert_eq!(output(world.say("go").await), "Sorry.");
    assert_eq!(world.ledger(), "");
    assert!(
        world.messages(1)[2].1.contains("not JSON"),
        "{:?}",
        world.messages(1)
    );
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::ToolStarted { .. })),
        0
    );
}

#[tokio::test]
async fn a_model_that_never_makes_a_call_that_can_run_is_given_up() {
    let broken = |id: &str| call(id, "effect", "{");
    let world = World::new(vec![broken("a"), broken("b"), broken("c"), broken("d")]).await;
    assert_eq!(failure(world.say("go").await).code.as_str(), "protocol");
    assert_eq!(world.provider.requests(), 3);
}

#[tokio::test]
async fn rounds_are_bounded() {
    let script = (0..5)
        .map(|round| call(&format!("c{round}"), "list", "{\"path\": \".\"}"))
        .collect();
    let world = World::with(
        script,
        |config| config.budgets.max_rounds = 2,
        Seams::default(),
    )
    .await;
    assert_eq!(
        failure(world.say("go").await).code.as_str(),
        "budget_exhausted"
    );
    assert_eq!(world.provider.requests(), 2);
}

#[tokio::test]
async fn a_session_goes_on_and_another_starts_afresh() {
    let world = World::new(vec![text("one"), text("two"), text("three")]).await;
    output(world.say("first").await);
    output(world.say("second").await);
    let other = world
        .agent
        .run_turn(
            turn("other", "third"),
            world.events.clone(),
            StopSignal::new(),
        )
        .await;
    output(other);
    assert_eq!(
        world.messages(1),
        [
            pair("user", "first"),
            pair("assistant", "one"),
            pair("user", "second")
        ]
    );
    assert_eq!(world.messages(2), [pair("user", "third")]);
}

#[tokio::test]
async fn a_history_instructions_and_a_model_that_come_along_are_used() {
    let world = World::new(vec![text("one")]).await;
    let history = vec![HistoryMessage {
        role: HistoryRole::User,
        content: "before".to_owned(),
    }];
    let asked = Turn {
        history: Some(history),
        instructions: Some("be short".to_owned()),
        model: Some("other-model".to_owned()),
        ..turn("session", "now")
    };
    output(
        world
            .agent
            .run_turn(asked, world.events.clone(), StopSignal::new())
            .await,
    );
    assert_eq!(
        world.messages(0),
        [
            pair("system", "be short"),
            pair("user", "before"),
            pair("user", "now")
        ]
    );
    assert_eq!(world.provider.seen().bodies[0]["model"], "other-model");
}

#[tokio::test]
async fn a_stored_session_goes_on_in_another_agent() {
    let home = tempfile::tempdir().unwrap();
    let provider = Provider::start(vec![text("one"), text("two")]).await;
    for input in ["first", "second"] {
        let sessions = Some(home.path().join("sessions"));
        let seams = (Seams::default(), Arc::new(Facts::default()));
        let agent = start(&home, &provider, |config| config.sessions = sessions, seams);
        output(
            agent
                .run_turn(
                    turn("s", input),
                    Arc::new(crate::world::Events::default()),
                    StopSignal::new(),
                )
                .await,
        );
        agent.shutdown().await;
    }
    assert_eq!(
        provider.seen().bodies[1]["messages"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn the_second_turn_of_a_session_waits_for_the_first() {
    let world = World::new(vec![text("one"), text("two")]).await;
    let (first, second) = tokio::join!(world.say("first"), world.say("second"));
    assert_eq!(
        (output(first), output(second)),
        ("one".to_owned(), "two".to_owned())
    );
    assert_eq!(world.messages(1).len(), 3);
}

#[tokio::test]
async fn an_answer_cut_at_the_token_limit_is_continued() {
    let cut = stream(&[delta("one "), finish("length"), usage(10, 2), done()]);
    let world = World::new(vec![cut, text("two")]).await;
    assert_eq!(output(world.say("count").await), "one two");
    assert_eq!(world.messages(1)[1], pair("assistant", "one "));
}

#[tokio::test]
async fn an_answer_that_is_always_cut_fails_and_its_tokens_are_counted() {
    let cut = || stream(&[delta("one "), finish("length"), usage(10, 2), done()]);
    let world = World::new(vec![cut(), cut(), cut(), cut()]).await;
    let Outcome::Failed { failure, usage } = world.say("count").await else {
        panic!("it completed")
    };
    assert_eq!(
        (failure.code.as_str(), usage.total_tokens),
        ("output_truncated", 36)
    );
    assert_eq!(world.provider.requests(), 3);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_summarised_by_an_auxiliary_client() {
    let too_long = || {
        refuse(
            400,
            "",
            "This model's maximum context length is 8 tokens.",
            "context_length_exceeded",
        )
    };
    let first = text(&"word ".repeat(100));
    let world = World::new(vec![first, too_long(), whole("They counted."), text("ok")]).await;
    output(world.say("count").await);
    assert_eq!(output(world.say("and now?").await), "ok");
    assert_eq!(
        world.messages(3)[0],
        pair(
            "system",
            "Summary of the conversation so far: They counted."
        )
    );
    assert_eq!(world.messages(3)[1], pair("user", "and now?"));
    let auxiliary = |fact: &LifecycleFact| {
        matches!(
            fact,
            LifecycleFact::ClientBuilt {
                role: ClientRole::Auxiliary,
                ..
            }
        )
    };
    assert_eq!(world.facts.count(auxiliary), 1);
}

#[tokio::test]
async fn a_conversation_that_stays_too_long_fails() {
    let too_long = || refuse(413, "", "too large", "request_too_large");
    let world = World::new(vec![
        text("one"),
        too_long(),
        whole(&"longer ".repeat(50)),
        too_long(),
    ])
    .await;
    output(world.say("count").await);
    let failure = failure(world.say("and now?").await);
    assert_eq!(
        (failure.code.as_str(), failure.status),
        ("context_overflow", Some(413))
    );
    assert_eq!(world.provider.requests(), 3);
}

fn pair(role: &str, content: &str) -> (String, String) {
    (role.to_owned(), content.to_owned())
}

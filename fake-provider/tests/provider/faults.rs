//! Faults through the whole provider: what the client sees, and what is recorded.

use std::time::Duration;

use fake_provider::{FakeProvider, Listen};
use journal::{Ended, Fact, FaultOutcome, How, Recorder, Side};
use serde_json::json;

use crate::world::{World, asks, client_builder, says, streamed};

const ANSWER: &str = "reply = { text = \"Let me look.\", tool_calls = [{ tool = \"list\", arguments = { path = \"src\" } }] }";

async fn broken(fault: &str) -> World {
    World::script(&format!("[[provider]]\n{ANSWER}\nfault = {fault}")).await
}

async fn ended(world: &World) -> (Ended, journal::Said) {
    let ended = world
        .recorded(|fact| matches!(fact, Fact::ResponseEnded { .. }))
        .await;
    match ended.fact {
        Fact::ResponseEnded { ended, said, .. } => (ended, said),
        other => panic!("was asked for: {other:?}"),
    }
}

async fn closed(world: &World) -> (Side, How, bool) {
    let closed = world
        .recorded(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
        .await;
    match closed.fact {
        Fact::ConnectionClosed {
            by, how, in_flight, ..
        } => (by, how, in_flight),
        other => panic!("was asked for: {other:?}"),
    }
}

#[tokio::test]
async fn a_reset_inside_tool_arguments() {
    let world = broken("{ at = \"tool-arguments\", after_bytes = 9, action = \"reset\" }").await;
    let answer = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("has a head");
    assert!(answer.text().await.is_err());
    let (ended, said) = ended(&world).await;
    assert_eq!(ended, Ended::ByFault);
    assert_eq!(said.text, "Let me look.");
    assert_eq!(said.tool_calls[0].arguments, "{\"path\":\"");
    assert!(!said.tool_calls[0].whole && said.finish.is_none());
    assert_eq!(closed(&world).await, (Side::Provider, How::Reset, true));
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
}

#[tokio::test]
async fn a_truncated_stream_is_clean_http_and_the_connection_goes_on() {
    let world = broken("{ at = \"before-finish\", action = \"truncate\" }").await;
    let answer = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("has a head");
    let text = answer.text().await.expect("is clean");
    assert!(!text.contains("[DONE]") && text.contains("tool_calls"));
    let (ended, said) = ended(&world).await;
    assert_eq!(ended, Ended::ByFault);
    assert!(said.tool_calls[0].whole && said.finish.is_none() && !said.end_marker);
    assert_eq!(world.provider.open_connections(), 1);
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_recorded_as_it_begins_and_the_targets_leaving_is_seen() {
    let world = broken("{ at = \"text\", after_bytes = 3, action = \"stall\" }").await;
    let mut answer = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("has a head");
    answer.chunk().await.expect("is sent");
    let fault = world
        .recorded(|fact| matches!(fact, Fact::Fault { .. }))
        .await;
    assert!(matches!(
        fact_outcome(&fault.fact),
        Some(FaultOutcome::Delivered)
    ));
    assert_eq!(world.provider.requests_in_flight(), 1);
    drop(answer);
    let (side, _, in_flight) = closed(&world).await;
    assert_eq!((side, in_flight), (Side::Target, true));
    let (ended, said) = ended(&world).await;
    assert_eq!((ended, said.text.as_str()), (Ended::TargetLeft, "Let"));
    assert_eq!(world.outcomes().len(), 1);
    assert_eq!(world.provider.requests_in_flight(), 0);
}

fn fact_outcome(fact: &Fact) -> Option<FaultOutcome> {
    match fact {
        Fact::Fault { outcome, .. } => Some(*outcome),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_goes_on_and_an_impatient_client_supersedes_it() {
    let world = broken("{ at = \"before-headers\", action = \"delay\", lasting = \"30s\" }").await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    answer.bytes().await.expect("is whole");
    assert_eq!(ended(&world).await.0, Ended::Complete);
    let impatient = world
        .post(&asks("hi"))
        .timeout(Duration::from_secs(5))
        .send();
    assert!(impatient.await.is_err_and(|error| error.is_timeout()));
    closed(&world).await;
    assert_eq!(
        world.outcomes(),
        [(0, FaultOutcome::Delivered), (0, FaultOutcome::Superseded)]
    );
}

#[tokio::test]
async fn a_point_that_a_document_does_not_have_is_inapplicable() {
    let world = broken("{ at = \"event\", after = 2, action = \"close\" }").await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    answer.bytes().await.expect("is whole");
    assert_eq!(ended(&world).await.0, Ended::Complete);
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Inapplicable)]);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_a_whole_answer() {
    for (action, how) in [("close", How::Fin), ("reset", How::Reset)] {
        let world = broken(&format!("{{ at = \"idle\", action = \"{action}\" }}")).await;
        let answer = world.post(&asks("hi")).send().await.expect("is answered");
        answer.bytes().await.expect("is whole");
        assert_eq!(
            closed(&world).await,
            (Side::Provider, how, false),
            "{action}"
        );
        assert_eq!(ended(&world).await.0, Ended::Complete);
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{action}");
    }
}

#[tokio::test]
async fn an_idle_fault_needs_a_connection_that_is_kept_alive() {
    let world = broken("{ at = \"idle\", action = \"close\" }").await;
    let request = world.post(&asks("hi")).header("connection", "close");
    request
        .send()
        .await
        .expect("is answered")
        .bytes()
        .await
        .expect("is whole");
    closed(&world).await;
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Inapplicable)]);
}

const REFUSED: &str = r#"
[[provider]]
when = { call = 1 }
reply = { tool_calls = [{ tool = "list", arguments = { path = "src" } }] }
[[provider]]
when = { call = 2 }
reply = { text = "Done." }
fault = { at = "connect", action = "close" }
"#;

#[tokio::test]
async fn connections_are_refused_after_the_preceding_call_until_the_faults_are_lifted() {
    let world = World::script(REFUSED).await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    let answer: serde_json::Value = answer.json().await.expect("is JSON");
    let message = &answer["choices"][0]["message"];
    let mut second = asks("hi");
    let messages = second["messages"].as_array_mut().expect("is a list");
    messages.push(message.clone());
    let id = &message["tool_calls"][0]["id"];
    messages.push(json!({"role": "tool", "tool_call_id": id, "content": "a"}));

    assert_eq!(closed(&world).await, (Side::Provider, How::Fin, false));
    let refused = world.post(&second).send().await.expect_err("is refused");
    assert!(refused.is_connect(), "{refused:?}");
    assert_eq!(world.outcomes(), [(1, FaultOutcome::Delivered)]);

    let address = world.provider.local_addr();
    world.provider.lift_faults();
    assert_eq!(world.provider.local_addr(), address);
    let answer = world.post(&second).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
    let kinds: Vec<bool> = world
        .facts()
        .iter()
        .filter_map(|fact| match fact {
            Fact::ListenerClosed => Some(false),
            Fact::ListenerReopened => Some(true),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [false, true]);
}

#[tokio::test]
async fn connections_are_refused_from_the_start_for_the_first_call() {
    let script = "[[provider]]\nwhen = { run = 1, call = 1 }\nfault = { at = \"connect\", action = \"close\" }";
    let world = World::script(script).await;
    assert!(
        world
            .post(&asks("hi"))
            .send()
            .await
            .is_err_and(|error| error.is_connect())
    );
    world.provider.lift_faults();
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn once_lifted_entries_are_answered_without_their_fault() {
    let world = broken("{ at = \"headers\", after_bytes = 10, action = \"close\" }").await;
    assert!(world.post(&asks("hi")).send().await.is_err());
    world.provider.lift_faults();
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_everything_and_tells_what_was_never_reached() {
    let stall = format!(
        "[[provider]]\nwhen = {{ call = 1 }}\n{ANSWER}\nfault = {{ at = \"before-body\", action = \"stall\" }}"
    );
    let never = format!(
        "[[provider]]\nwhen = {{ call = 7 }}\n{ANSWER}\nfault = {{ at = \"before-end\", action = \"close\" }}"
    );
    let world = World::script(&format!("{stall}\n{never}")).await;
    let answer = world.post(&asks("hi")).send().await.expect("has a head");
    let address = world.provider.local_addr().expect("is TCP");
    let World {
        provider, recorder, ..
    } = world;
    provider.shutdown().await;
    assert!(answer.bytes().await.is_err());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let facts: Vec<Fact> = recorder
        .journal()
        .records
        .into_iter()
        .map(|record| record.fact)
        .collect();
    let outcomes: Vec<_> = facts.iter().filter_map(fact_outcome).collect();
    assert_eq!(outcomes, [FaultOutcome::Delivered, FaultOutcome::Unreached]);
    assert!(facts.iter().any(|fact| matches!(
        fact,
        Fact::ResponseEnded {
            ended: Ended::ProviderShutdown,
            status: Some(200),
            ..
        }
    )));
    // Nothing but the test itself and the client's pool is left on the runtime.
    assert!(facts.iter().any(|fact| matches!(
        fact,
        Fact::ConnectionClosed {
            by: Side::Provider,
            ..
        }
    )));
}

#[tokio::test(start_paused = true)]
async fn over_a_unix_socket_everything_but_a_reset_is_delivered() {
    let folder = tempfile::tempdir().expect("a folder");
    for (action, expected) in [
        ("close", FaultOutcome::Delivered),
        ("truncate", FaultOutcome::Delivered),
        ("reset", FaultOutcome::Undelivered),
    ] {
        let recorder = Recorder::new(
            std::sync::Arc::new(|| Duration::ZERO),
            std::sync::Arc::new(|| {}),
        );
        let fault = format!("fault = {{ at = \"text\", after_bytes = 3, action = \"{action}\" }}");
        let options = says(&format!("[[provider]]\n{ANSWER}\n{fault}"));
        let listen = Listen::Unix(folder.path().join(action));
        let provider = FakeProvider::start(options, listen, recorder.clone())
            .await
            .expect("listens");
        let socket = provider.unix_socket().expect("is one").to_owned();
        let client = client_builder().unix_socket(socket).build();
        let url = format!("{}/chat/completions", provider.base_url());
        let request = client
            .expect("is a client")
            .post(url)
            .json(&streamed(asks("hi")));
        let answer = request.send().await.expect("has a head");
        assert_eq!(answer.text().await.is_ok(), action == "truncate");
        provider.shutdown().await;
        let facts = recorder
            .journal()
            .records
            .into_iter()
            .map(|record| record.fact);
        let outcomes: Vec<_> = facts.filter_map(|fact| fact_outcome(&fact)).collect();
        assert_eq!(outcomes, [expected], "{action}");
    }
}

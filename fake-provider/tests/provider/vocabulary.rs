//! The rest of the vocabulary of faults through the whole provider: several faults on one answer, faults before a request has been
//! read and between two, errors inside an answer, framings.

use std::time::Duration;

use journal::{Ended, Fact, FaultOutcome, How, Side};

use crate::world::{World, asks, streamed};

const SECOND: &str =
    "[[provider]]\nwhen = { call = 1, attempt = 2 }\nreply = { text = \"Yes.\" }\n";

/// A provider whose first attempt has this fault, and whose second is answered.
async fn at_first(fault: &str) -> World {
    let first =
        "[[provider]]\nwhen = { run = 1, call = 1, attempt = 1 }\nreply = { text = \"Never.\" }";
    World::script(&format!("{first}\nfault = {fault}\n{SECOND}")).await
}

async fn text(world: &World) -> reqwest::Result<String> {
    let answer = world.post(&asks("hi")).send().await?;
    answer.text().await
}

/// Where and by what connections were closed, in order.
fn closings(facts: &[Fact]) -> Vec<(Side, How)> {
    let closed = facts.iter().filter_map(|fact| match fact {
        Fact::ConnectionClosed { by, how, .. } => Some((*by, *how)),
        _ => None,
    });
    closed.collect()
}

#[tokio::test]
async fn a_connection_is_broken_as_it_is_accepted_and_the_attempt_counts() {
    for (action, how) in [("close", How::Fin), ("reset", How::Reset)] {
        let world = at_first(&format!("{{ at = \"accept\", action = \"{action}\" }}")).await;
        assert!(text(&world).await.is_err(), "{action}");
        let second = text(&world).await.expect("is answered");
        assert!(second.contains("Yes."), "{second}");
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{action}");
        assert_eq!(closings(&world.facts()), [(Side::Provider, how)]);
        let requests = world.facts();
        let requests = requests
            .iter()
            .filter(|fact| matches!(fact, Fact::Request { .. }));
        assert_eq!(requests.count(), 1);
    }
}

#[tokio::test]
async fn a_request_is_broken_while_it_is_read() {
    for (bytes, action) in [(0, "close"), (20, "reset"), (100, "garbage")] {
        let fault = format!("{{ at = \"request\", after_bytes = {bytes}, action = \"{action}\" }}");
        let world = at_first(&fault).await;
        assert!(text(&world).await.is_err(), "{fault}");
        assert!(text(&world).await.expect("is answered").contains("Yes."));
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_accepted_late_is_served_all_the_same() {
    let script = "[[provider]]\nreply = { text = \"Yes.\" }\nfaults = [{ at = \"accept\", action = \"delay\", lasting = \"5s\" }, \
                  { at = \"request\", after_bytes = 9, action = \"delay\", lasting = \"7s\" }]";
    let world = World::script(script).await;
    let began = tokio::time::Instant::now();
    assert!(text(&world).await.expect("is answered").contains("Yes."));
    assert!(began.elapsed() >= Duration::from_secs(12));
    let delivered = (0, FaultOutcome::Delivered);
    assert_eq!(world.outcomes(), [delivered, delivered]);
}

#[tokio::test(start_paused = true)]
async fn an_early_stall_is_recorded_as_it_begins() {
    for at in ["\"accept\"", "\"request\", after_bytes = 30"] {
        let world = at_first(&format!("{{ at = {at}, action = \"stall\" }}")).await;
        let asking = world.post(&asks("hi")).send();
        let fault = world.recorded(|fact| matches!(fact, Fact::Fault { .. }));
        tokio::select! {
            biased;
            answer = asking => panic!("{answer:?}"),
            _ = fault => {}
        }
        let World {
            provider, recorder, ..
        } = world;
        provider.shutdown().await;
        let is_fault = |record: &&journal::Record| matches!(record.fact, Fact::Fault { .. });
        let faults = recorder.with(|records| records.iter().filter(is_fault).count());
        assert_eq!(faults, 1, "{at}");
    }
}

#[tokio::test]
async fn a_request_that_is_shorter_than_the_fault_wants_is_answered() {
    let world = at_first("{ at = \"request\", after_bytes = 99999, action = \"close\" }").await;
    assert!(text(&world).await.expect("is answered").contains("Never."));
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Inapplicable)]);
}

#[tokio::test]
async fn accept_needs_a_new_connection_and_gets_one() {
    let script = "[[provider]]\nwhen = { call = 1, attempt = 1 }\nfault = { action = \"status\", status = 503 }\n\
                  [[provider]]\nwhen = { call = 1, attempt = 2 }\nfault = { at = \"accept\", action = \"reset\" }\n\
                  [[provider]]\nwhen = { call = 1, attempt = 3 }\nreply = { text = \"Yes.\" }";
    let world = World::script(script).await;
    text(&world).await.expect("is an answer");
    assert!(text(&world).await.is_err());
    assert!(text(&world).await.expect("is answered").contains("Yes."));
    let delivered = FaultOutcome::Delivered;
    assert_eq!(world.outcomes(), [(0, delivered), (1, delivered)]);
}

#[tokio::test]
async fn once_lifted_nothing_happens_early() {
    let world = at_first("{ at = \"accept\", action = \"close\" }").await;
    world.provider.lift_faults();
    assert!(text(&world).await.expect("is answered").contains("Never."));
    assert_eq!(world.outcomes(), []);
}

#[tokio::test]
async fn a_stale_connection_takes_the_next_request_and_answers_nothing() {
    for (end, how) in [("close", How::Fin), ("reset", How::Reset)] {
        let script = format!(
            "[[provider]]\nwhen = {{ call = 1, attempt = 1 }}\nreply = {{ text = \"One.\" }}\n\
             fault = {{ action = \"stale-keepalive\", end = \"{end}\" }}\n{SECOND}"
        );
        let world = World::script(&script).await;
        assert!(text(&world).await.expect("is answered").contains("One."));
        assert_eq!(world.outcomes(), []);
        assert!(text(&world).await.is_err(), "{end}");
        world
            .recorded(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
            .await;
        assert_eq!(closings(&world.facts()), [(Side::Provider, how)]);
        assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)], "{end}");
        // Nobody has read that request, so it was no attempt.
        assert!(text(&world).await.expect("is answered").contains("Yes."));
    }
}

#[tokio::test]
async fn a_stale_connection_that_is_not_used_again_was_never_reached() {
    let script =
        "[[provider]]\nreply = { text = \"One.\" }\nfault = { action = \"stale-keepalive\" }";
    let world = World::script(script).await;
    text(&world).await.expect("is answered");
    let World {
        provider, recorder, ..
    } = world;
    provider.shutdown().await;
    let last = recorder.with(|records| records.last().map(|record| record.fact.clone()));
    let unreached = FaultOutcome::Unreached;
    assert!(matches!(last, Some(Fact::Fault { outcome, .. }) if outcome == unreached));
}

#[tokio::test(start_paused = true)]
async fn several_faults_happen_to_one_answer_and_each_is_recorded() {
    let script = "[[provider]]\nreply = { text = \"Hello there.\", delta_bytes = 4 }\nfaults = [\
                  { at = \"text\", after_bytes = 6, action = \"delay\", lasting = \"9s\" }, { action = \"bom\" }, \
                  { at = \"event\", before = 2, action = \"duplicate\" }, { at = \"before-finish\", action = \"close\" }]";
    let world = World::script(script).await;
    let began = tokio::time::Instant::now();
    let mut answer = { world.post(&streamed(asks("hi"))).send().await }.expect("has a head");
    let mut received = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        received.extend_from_slice(&chunk);
    }
    assert!(began.elapsed() >= Duration::from_secs(9));
    let received = String::from_utf8(received).expect("is text");
    assert!(received.starts_with('\u{feff}') && !received.contains("[DONE]"));
    assert_eq!(received.matches("\"Hell\"").count(), 2, "{received}");
    let delivered = (0, FaultOutcome::Delivered);
    assert_eq!(world.outcomes(), [delivered; 4]);
}

#[tokio::test]
async fn an_error_inside_an_answer_is_told_and_recorded() {
    let error = "error-event\", status = 429, code = \"rate_limited\", message = \"Slow down.\" }";
    let script = format!(
        "[[provider]]\nreply = {{ text = \"Hello there.\", delta_bytes = 4 }}\nfault = {{ at = \"text\", after_bytes = 3, action = \"{error}\n"
    );
    let world = World::script(&script).await;
    let answer = world.post(&streamed(asks("hi"))).send().await;
    let body = { answer.expect("has a head").text().await }.expect("is clean");
    assert!(body.contains("Hell") && !body.contains("there"), "{body}");
    assert!(
        body.contains("rate_limited") && body.contains("Slow down."),
        "{body}"
    );
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
    let started = |fact: &Fact| {
        matches!(
            fact,
            Fact::ResponseStarted {
                status: 200,
                error: Some(_),
                ..
            }
        )
    };
    world.recorded(started).await;

    let world =
        World::script(&script.replace("\"text\", after_bytes = 3", "\"before-body\"")).await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    assert_eq!(answer.status(), 200);
    let body = answer.text().await.expect("is clean");
    assert!(
        body.contains("rate_limited") && !body.contains("Hello"),
        "{body}"
    );
}

#[tokio::test]
async fn an_error_that_was_not_told_is_not_recorded() {
    let fault = "{ at = \"text\", after_bytes = 3, action = \"error-event\" }";
    let world = World::script(&format!(
        "[[provider]]\nreply = {{ text = \"Hello.\" }}\nfault = {fault}"
    ))
    .await;
    text(&world).await.expect("is answered");
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Inapplicable)]);
    let started = |fact: &Fact| matches!(fact, Fact::ResponseStarted { error: None, .. });
    world.recorded(started).await;
}

#[tokio::test]
async fn a_reply_has_the_framing_that_it_asks_for() {
    for (framing, header) in [
        ("chunked", "transfer-encoding"),
        ("content-length", "content-length"),
        ("close-delimited", "connection"),
    ] {
        let script =
            format!("[[provider]]\nreply = {{ text = \"Yes.\", framing = \"{framing}\" }}");
        let world = World::script(&script).await;
        for body in [asks("hi"), streamed(asks("hi"))] {
            let answer = world.post(&body).send().await.expect("is answered");
            assert!(answer.headers().contains_key(header), "{framing}");
            let lengths = ["transfer-encoding", "content-length"];
            let lengths = lengths
                .iter()
                .filter(|name| answer.headers().contains_key(**name));
            assert_eq!(lengths.count(), usize::from(framing != "close-delimited"));
            assert!(answer.text().await.expect("is whole").contains("Yes."));
        }
    }
}

#[tokio::test]
async fn another_page_and_nothing_come_instead() {
    let world = World::script("[[provider]]\nfault = { action = \"html\" }").await;
    let answer = world.post(&asks("hi")).send().await.expect("is answered");
    let kind = answer.headers()["content-type"].to_str().expect("is text");
    assert_eq!(
        (answer.status().as_u16(), kind),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        answer
            .text()
            .await
            .expect("is whole")
            .starts_with("<!DOCTYPE html>")
    );

    let world = World::script("[[provider]]\nfault = { action = \"empty\" }").await;
    assert_eq!(text(&world).await.expect("is whole"), "");
    assert_eq!(world.outcomes(), [(0, FaultOutcome::Delivered)]);
    let ended = |fact: &Fact| {
        matches!(
            fact,
            Fact::ResponseEnded {
                ended: Ended::ByFault,
                ..
            }
        )
    };
    world.recorded(ended).await;
}

#[tokio::test]
async fn what_is_below_http_1_is_inapplicable() {
    for fault in [
        "{ at = \"tls\", action = \"close\" }",
        "{ action = \"wrong-name\" }",
        "{ at = \"before-body\", action = \"goaway\" }",
    ] {
        let world = World::script(&format!(
            "[[provider]]\nreply = {{ text = \"Yes.\" }}\nfault = {fault}"
        ))
        .await;
        assert!(text(&world).await.expect("is answered").contains("Yes."));
        assert_eq!(
            world.outcomes(),
            [(0, FaultOutcome::Inapplicable)],
            "{fault}"
        );
    }
}

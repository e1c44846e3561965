//! What every dialect has to satisfy, streamed and not.

use std::time::Duration;

use reference_agent::outcome::{Outcome, Usage};

use super::wire::{ALL, End, Trouble, Wire};
use crate::provider::{Act, status};
use crate::world::{failure, output};

const TWO: &[(&str, &str, &str)] = &[
    ("call_a", "effect", r#"{"name":"one é"}"#),
    ("call_b", "effect", r#"{"name":"two"}"#),
];

fn spent(answers: u64) -> Usage {
    Usage {
        input_tokens: 10 * answers,
        output_tokens: 2 * answers,
        total_tokens: 12 * answers,
    }
}

#[tokio::test]
async fn a_text_is_said_as_the_provider_said_it_and_counted() {
    for wire in ALL {
        for (streaming, script) in [
            (true, wire.said("Hello 🎉 there")),
            (false, wire.document(&(wire.whole_text)("Hello 🎉 there"))),
        ] {
            let world = wire
                .world_with(vec![script], |config| config.streaming = streaming)
                .await;
            let outcome = world.say("hi").await;
            let expected = Outcome::Completed {
                output: "Hello 🎉 there".to_owned(),
                usage: spent(1),
            };
            assert_eq!(outcome, expected, "{:?}", wire.dialect);
            assert_eq!(world.events.text(), "Hello 🎉 there", "{:?}", wire.dialect);
            let head = &world.provider.seen().heads[0];
            let path = wire.paths[usize::from(!streaming)];
            assert!(
                head.starts_with(&format!("POST {path} HTTP/1.1\r\n")),
                "{head}"
            );
            wire.headers
                .iter()
                .for_each(|header| assert_sent(head, header));
        }
    }
}

#[tokio::test]
async fn parallel_calls_run_once_each_and_are_answered_in_order() {
    for wire in ALL {
        for (streaming, called, said) in [
            (true, wire.stream(&(wire.calls)(TWO)), wire.said("done")),
            (
                false,
                wire.document(&(wire.whole_calls)(TWO)),
                wire.document(&(wire.whole_text)("done")),
            ),
        ] {
            let script = vec![called.clone(), called, said];
            let world = wire
                .world_with(script, |config| config.streaming = streaming)
                .await;
            let outcome = world.say("go").await;
            let expected = Outcome::Completed {
                output: "done".to_owned(),
                usage: spent(3),
            };
            // A provider that repeats its ids in another round is its own fault; each round runs all the same.
            assert_eq!(outcome, expected, "{:?}", wire.dialect);
            assert_eq!(
                world.ledger(),
                "one é\ntwo\none é\ntwo\n",
                "{:?}",
                wire.dialect
            );
            let results = (wire.results)(&world.provider.seen().bodies[2]);
            let names = names(wire);
            let round = [
                (names[0].to_owned(), "done: one é".to_owned()),
                (names[1].to_owned(), "done: two".to_owned()),
            ];
            assert_eq!(
                results,
                [round.clone(), round].concat(),
                "{:?}",
                wire.dialect
            );
        }
    }
}

fn assert_sent(head: &str, header: &str) {
    assert!(head.contains(&format!("{header}\r\n")), "{head}");
}

/// What the results of [`TWO`] answer.
fn names(wire: &Wire) -> [&'static str; 2] {
    if wire.has_ids {
        ["call_a", "call_b"]
    } else {
        ["effect", "effect"]
    }
}

/// A response that goes on after these bytes, as far as its framing says, and ends without it.
fn broken(wire: &Wire, bytes: &[u8]) -> Vec<Act> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
        wire.media_type,
        bytes.len() + 1
    );
    vec![Act::Write([head.as_bytes(), bytes].concat())]
}

#[tokio::test(start_paused = true)]
async fn wherever_an_answer_is_cut_nothing_of_it_counts() {
    for wire in ALL {
        let mut events = (wire.calls)(TWO);
        events.truncate(events.len() - wire.end_events);
        for events in [events, wire.endless("Hello 🎉 there")] {
            cut_everywhere(wire, events.concat().as_bytes()).await;
        }
    }
}

async fn cut_everywhere(wire: &Wire, bytes: &[u8]) {
    for (number, cut) in (1..=bytes.len()).rev().step_by(23).enumerate() {
        cut_there(wire, &bytes[..cut], number % 2 == 0).await;
    }
}

/// An answer that ends behind these bytes, politely or not.
async fn cut_there(wire: &Wire, bytes: &[u8], politely: bool) {
    let first = if politely {
        crate::provider::stream_of(wire.media_type, bytes)
    } else {
        broken(wire, bytes)
    };
    let world = wire.world(vec![first, wire.said("whole")]).await;
    let place = format!("{:?}: {}", wire.dialect, String::from_utf8_lossy(bytes));
    assert_eq!(output(world.say("go").await), "whole", "{place}");
    assert_eq!(
        (world.ledger().as_str(), world.events.text().as_str()),
        ("", "whole"),
        "{place}"
    );
    assert_eq!(world.provider.requests(), 2, "{place}");
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_cut_is_no_answer() {
    for wire in ALL {
        let whole = (wire.whole_calls)(TWO).to_string();
        let half = whole.floor_char_boundary(whole.len() / 2);
        let cut = vec![Act::Write(
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{}",
                &whole[..half]
            )
            .into_bytes(),
        )];
        let script = vec![cut.clone(), cut.clone(), cut];
        let world = wire
            .world_with(script, |config| config.streaming = false)
            .await;
        let failure = failure(world.say("go").await);
        assert_eq!(
            (failure.code.as_str(), world.ledger().as_str()),
            ("truncated", ""),
            "{:?}",
            wire.dialect
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_stream_keeps_its_class_and_voids_what_was_said() {
    for wire in ALL {
        let mut events = wire.endless("Hello");
        events.push((wire.error)(Trouble::Overload));
        let world = wire
            .world(vec![wire.stream(&events), wire.said("ok")])
            .await;
        assert_eq!(output(world.say("hi").await), "ok", "{:?}", wire.dialect);
        assert_eq!(world.events.text(), "ok", "{:?}", wire.dialect);

        let broken = vec![wire.stream(&[(wire.error)(Trouble::BadKey)]); 3];
        let world = wire.world(broken).await;
        let failure = failure(world.say("hi").await);
        assert!(failure.message.contains("nonce-1"), "{}", failure.message);
        // Ollama has no classes of errors, only sentences.
        let (code, requests) = if wire.dialect.name() == "ollama" {
            ("provider_error_event", 3)
        } else {
            ("auth", 1)
        };
        assert_eq!(
            (failure.code.as_str(), world.provider.requests()),
            (code, requests),
            "{:?}",
            wire.dialect
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_connection_open_is_no_progress() {
    for wire in ALL {
        let mut stalled = wire.stream(&wire.endless("Hello"));
        stalled.push(Act::Repeat(wire.keep_alive.into(), Duration::from_secs(5)));
        let world = wire.world(vec![stalled, wire.said("ok")]).await;
        let before = tokio::time::Instant::now();
        assert_eq!(output(world.say("hi").await), "ok", "{:?}", wire.dialect);
        let waited = before.elapsed();
        assert!(
            waited < Duration::from_secs(65),
            "{:?} {waited:?}",
            wire.dialect
        );
    }
}

/// What begins and ends the parts of an answer is life; the same again is not.
#[tokio::test(start_paused = true)]
async fn a_slow_but_living_stream_is_not_killed_and_one_that_repeats_itself_is() {
    let paced = |wire: &Wire, events: Vec<String>| {
        let mut acts = wire.stream(&[]);
        for event in events {
            acts.extend([
                Act::Pause(Duration::from_secs(25)),
                Act::Write(event.into()),
            ]);
        }
        acts
    };
    for wire in ALL {
        let script = vec![paced(wire, (wire.text)("Hello", End::Complete))];
        let world = wire.world(script).await;
        assert_eq!(output(world.say("hi").await), "Hello", "{:?}", wire.dialect);
        assert_eq!(world.provider.requests(), 1, "{:?}", wire.dialect);

        let first = wire.endless("Hello").remove(0);
        let mut stuck = wire.stream(std::slice::from_ref(&first));
        let again = first.replace("Hel", "").replace("He", "");
        stuck.push(Act::Repeat(again.into(), Duration::from_secs(5)));
        let world = wire.world(vec![stuck, wire.said("ok")]).await;
        assert_eq!(output(world.say("hi").await), "ok", "{:?}", wire.dialect);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_or_withheld_answer_is_not_passed_off_as_whole() {
    for wire in ALL {
        let cut = |words: &str| wire.stream(&(wire.text)(words, End::Length));
        let world = wire.world(vec![cut("Hel"), wire.said("lo")]).await;
        assert_eq!(output(world.say("hi").await), "Hello", "{:?}", wire.dialect);

        let world = wire.world(vec![cut("a"), cut("b"), cut("c")]).await;
        let failed = failure(world.say("hi").await);
        assert_eq!(
            failed.code.as_str(),
            "output_truncated",
            "{:?}",
            wire.dialect
        );

        let withheld = wire.stream(&(wire.text)("Hel", End::Filter));
        let world = wire.world(vec![withheld]).await;
        let failed = failure(world.say("hi").await);
        assert_eq!(
            (failed.code.as_str(), world.provider.requests()),
            ("content_filter", 1),
            "{:?}",
            wire.dialect
        );
        assert_eq!(world.events.text(), "", "{:?}", wire.dialect);
    }
}

#[tokio::test]
async fn models_are_listed_and_their_route_is_the_dialects() {
    for wire in ALL {
        let (path, list) = wire.models;
        let world = wire
            .world(vec![vec![Act::Write(status(
                200,
                "",
                &list(&["m1", "m2:latest"]),
            ))]])
            .await;
        assert_eq!(
            world.agent.models().await.unwrap(),
            ["m1", "m2:latest"],
            "{:?}",
            wire.dialect
        );
        let head = &world.provider.seen().heads[0];
        assert!(
            head.starts_with(&format!("GET {path} HTTP/1.1\r\n")),
            "{head}"
        );
        assert_sent(head, wire.headers[0]);
    }
}

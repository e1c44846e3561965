//! What is read back, against what was meant, for every cut.

use fault_io::Response;
use provider_script::{Finish, Reply};
use serde_json::{Value, json};
use wire_faults::Point;

use super::*;
use crate::example::Example;
use crate::read_back::{Answer, listing, talkative};
use crate::responses::Responses;
use crate::sent::find;

fn answer(reply: &Reply, streamed: bool, body: &Value) -> Answer<'static> {
    Answer::of(&Responses, &Example::of(reply, streamed), body)
}

fn thoughtful() -> Reply {
    Reply {
        reasoning: Some("Well \"then\"…".into()),
        ..talkative()
    }
}

fn events(response: &Response) -> Vec<Value> {
    let body = std::str::from_utf8(&response.body).expect("is text");
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("is JSON"))
        .collect()
}

#[test]
fn a_whole_answer_is_read_back_as_it_was_meant() {
    for streamed in [true, false] {
        let answer = answer(&thoughtful(), streamed, &Value::Null);
        answer.assert_whole();
        let usage = answer.whole().usage.expect("is told");
        assert_eq!((usage.input, usage.output), (12, 7));
    }
}

#[test]
fn how_it_ended_is_read_back() {
    let finished = |finish, text: &str| Reply {
        text: Some(text.into()),
        finish: Some(finish),
        ..Reply::default()
    };
    let refused = Reply {
        refusal: Some("No.".into()),
        ..Reply::default()
    };
    for streamed in [true, false] {
        for (reply, text, finish) in [
            (finished(Finish::Stop, "a"), "a", "stop"),
            (finished(Finish::Length, "a"), "a", "length"),
            (finished(Finish::ContentFilter, ""), "", "content-filter"),
            (refused.clone(), "No.", "stop"),
            (Reply::default(), "", "stop"),
        ] {
            let said = answer(&reply, streamed, &Value::Null).whole();
            assert_eq!(
                (said.text.as_str(), said.finish.as_deref()),
                (text, Some(finish))
            );
        }
    }
}

#[test]
fn a_cut_anywhere_is_read_as_far_as_it_goes() {
    let brief = Reply {
        tool_calls: vec![listing("src/é")],
        ..talkative()
    };
    for streamed in [true, false] {
        let answer = answer(&brief, streamed, &Value::Null);
        answer.assert_read_wherever_cut();
        // What was asked is repeated first, and says nothing.
        let wire = answer.wire_before(Point::AfterEnd);
        let says = find(&wire, b"output").expect("has output");
        assert_eq!(answer.read(&wire[..says]), Said::default());
        // It ends with nothing but its last event, or the document.
        let unended = answer.read(&wire[..wire.len() - 8]);
        assert_eq!((unended.finish, unended.end_marker), (None, false));
    }
}

#[test]
fn the_marks_agree_with_what_is_read() {
    let answer = answer(&thoughtful(), true, &Value::Null);
    answer.assert_text_marks();
    answer.assert_argument_marks();
    answer.assert_calls_outlast_arguments();
    let thought = thoughtful().reasoning.expect("has one");
    for after_bytes in [1, thought.len() as u64] {
        let said = answer.before(Point::Reasoning { after_bytes });
        assert_eq!((said.text.as_str(), said.tool_calls.len()), ("", 0));
    }
    let said = answer.before(Point::BeforeFinish);
    assert_eq!((said.finish, said.end_marker), (None, false));
    assert!(said.tool_calls.iter().all(|call| call.whole));
    assert!(answer.before(Point::AfterEnd).end_marker);
}

#[test]
fn events_are_numbered_and_every_delta_adds_up_to_what_is_done() {
    let summary = json!({"reasoning": {"summary": "auto"}});
    for body in [Value::Null, summary] {
        let events = events(&answer(&thoughtful(), true, &body).response);
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number);
        }
        let mut item = String::new();
        let mut so_far = String::new();
        for event in &events {
            let kind = event["type"].as_str().expect("has a type");
            if kind == "response.output_item.added" {
                item = event["item"]["id"].to_string();
            } else if let Some(delta) = event["delta"].as_str() {
                so_far.push_str(delta);
                assert_eq!(event["item_id"].to_string(), item);
            } else if let Some(done) = event["text"].as_str().or(event["arguments"].as_str()) {
                assert_eq!(std::mem::take(&mut so_far), done, "{kind}");
            }
        }
        let done = events
            .iter()
            .filter(|event| event["type"] == "response.output_item.done");
        let done: Vec<&Value> = done.map(|event| &event["item"]).collect();
        let last = &events.last().expect("has a last")["response"];
        let output: Vec<&Value> = last["output"].as_array().expect("has one").iter().collect();
        assert_eq!(output, done);
    }
}

#[test]
fn an_error_says_nothing() {
    let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"error\":{\"message\":\"m\"}}";
    assert_eq!(said(&Sent::read(wire), &[]), Said::default());
}

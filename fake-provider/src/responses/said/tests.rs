//! What is read back, against what was meant, for every cut.

use fault_io::{Contract, Response};
use provider_script::{Finish, Reply, ToolCall};
use serde_json::{Value, json};
use wire_faults::{Action, Fault, Point};

use super::super::reply::response;
use super::*;
use crate::example::Example;

const TEXT: &str = "Grüße 🎉, \"quoted\"\n\tand \u{1} back\\slashed.";

fn reply() -> Reply {
    let call = |path: &str| ToolCall {
        tool: "list".into(),
        arguments: serde_json::Map::from_iter([("path".to_owned(), json!(path))]),
        raw_arguments: None,
    };
    Reply {
        text: Some(TEXT.into()),
        reasoning: Some("Well \"then\"…".into()),
        tool_calls: vec![call("src/é"), call("b\"c")],
        ..Reply::default()
    }
}

fn rendered(reply: &Reply, streamed: bool, body: &Value) -> (Response, Vec<Intended>) {
    let example = Example::of(reply, streamed);
    let response = response(&example.rendering(body));
    (response, example.calls)
}

fn said(wire: &[u8], calls: &[Intended]) -> Said {
    super::said(&Sent::read(wire), calls)
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
        let (response, calls) = rendered(&reply(), streamed, &Value::Null);
        let said = said(Contract::plain(&response).wire(), &calls);
        assert_eq!(said.text, TEXT);
        assert_eq!(said.finish.as_deref(), Some("tool-calls"));
        assert!(said.end_marker);
        let usage = said.usage.expect("is told");
        assert_eq!((usage.input, usage.output), (12, 7));
        assert!(said.tool_calls.iter().all(|call| call.whole), "{said:?}");
        assert_eq!(said.tool_calls[1].arguments, r#"{"path":"b\"c"}"#);
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
            let (response, calls) = rendered(&reply, streamed, &Value::Null);
            let said = said(Contract::plain(&response).wire(), &calls);
            assert_eq!(
                (said.text.as_str(), said.finish.as_deref()),
                (text, Some(finish))
            );
        }
    }
}

#[test]
fn a_cut_anywhere_is_read_as_far_as_it_goes() {
    let mut brief = reply();
    brief.reasoning = None;
    brief.tool_calls.truncate(1);
    for streamed in [true, false] {
        let (response, calls) = rendered(&brief, streamed, &Value::Null);
        let contract = Contract::plain(&response);
        let mut text = 0;
        // What was asked is repeated first, and says nothing.
        let says = find(contract.wire(), b"output").expect("has output");
        assert_eq!(said(&contract.wire()[..says], &calls), Said::default());
        for cut in says..contract.wire().len() {
            let said = said(&contract.wire()[..cut], &calls);
            assert!(TEXT.starts_with(&said.text), "{cut}: {said:?}");
            assert!(said.text.len() >= text, "{cut}: {said:?}");
            text = said.text.len();
            let mut calls = said.tool_calls.iter().zip(&calls);
            let right = calls.all(|(call, meant)| meant.arguments.starts_with(&call.arguments));
            assert!(right, "{cut}: {said:?}");
            assert!(said.finish.is_none() || cut + 8 > contract.wire().len());
        }
    }
}

#[test]
fn the_marks_agree_with_what_is_read() {
    let (response, calls) = rendered(&reply(), true, &Value::Null);
    let at = |point| {
        let fault = Fault {
            point,
            action: Action::Close,
        };
        let contract = Contract::of(&response, &fault).expect("has the point");
        said(contract.wire(), &calls)
    };
    for after_bytes in 0..=TEXT.len() as u64 {
        let cut = usize::try_from(after_bytes).expect("fits");
        let shown = &TEXT[..TEXT.floor_char_boundary(cut)];
        assert_eq!(at(Point::Text { after_bytes }).text, shown);
    }
    let arguments: String = calls.iter().map(|call| call.arguments.as_str()).collect();
    for after_bytes in 1..=arguments.len() as u64 {
        let cut = usize::try_from(after_bytes).expect("fits");
        let said = at(Point::ToolArguments { after_bytes });
        let shown = said.tool_calls.iter().map(|call| call.arguments.as_str());
        let shown: String = shown.collect();
        assert_eq!(shown, arguments[..arguments.floor_char_boundary(cut)]);
        assert!(!said.tool_calls.last().is_some_and(|call| call.whole));
    }
    let thought = reply().reasoning.expect("has one");
    for after_bytes in [1, thought.len() as u64] {
        let said = at(Point::Reasoning { after_bytes });
        assert_eq!((said.text.as_str(), said.tool_calls.len()), ("", 0));
    }
    let said = at(Point::BeforeFinish);
    assert_eq!((said.finish, said.end_marker), (None, false));
    assert!(said.tool_calls.iter().all(|call| call.whole));
    assert!(at(Point::AfterEnd).end_marker);
}

#[test]
fn events_are_numbered_and_every_delta_adds_up_to_what_is_done() {
    let summary = json!({"reasoning": {"summary": "auto"}});
    for body in [Value::Null, summary] {
        let (response, _) = rendered(&reply(), true, &body);
        let events = events(&response);
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
    assert_eq!(said(wire, &[]), Said::default());
}

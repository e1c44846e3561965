//! Answers of every path, cut anywhere, and read back.

use fault_io::{Contract, Response};
use provider_script::{Reply, ToolCall};
use serde_json::json;
use wire_faults::{Action, Fault, Point};

use super::*;
use crate::example::Example;
use crate::ollama::Ollama;
use crate::protocol::Protocol as _;

const TEXT: &str = "Grüße 🎉, \"quoted\"\n\tand \u{1} <b>back\\slashed</b> & so on.";
const PATHS: [&str; 3] = ["/api/chat", "/api/generate", "/v1/chat/completions"];

fn reply() -> Reply {
    let call = |path: &str| ToolCall {
        tool: "list".into(),
        arguments: serde_json::Map::from_iter([("arguments".to_owned(), json!({"path": path}))]),
        raw_arguments: None,
    };
    let broken = ToolCall {
        raw_arguments: Some("{\"path\": \"cut".into()),
        ..call("")
    };
    Reply {
        reasoning: Some("Hmm, \"so\".".into()),
        text: Some(TEXT.into()),
        tool_calls: vec![call("src/é"), call("b\"}c"), broken],
        ..Reply::default()
    }
}

fn rendered(path: &str, streamed: bool) -> (Response, Vec<Intended>) {
    let mut example = Example::of(&reply(), streamed);
    example.request.path = path.into();
    let body = json!({"stream_options": {"include_usage": true}});
    let response = Ollama.reply(&example.rendering(&body));
    let calls = match path {
        "/api/generate" => Vec::new(),
        _ => example.calls,
    };
    (response, calls)
}

fn read(wire: &[u8], calls: &[Intended]) -> Said {
    said(&Sent::read(wire), calls)
}

#[test]
fn a_whole_answer_is_read_back_as_it_was_meant() {
    for path in PATHS {
        for streamed in [true, false] {
            let (response, calls) = rendered(path, streamed);
            let said = read(Contract::plain(&response).wire(), &calls);
            assert_eq!(said.text, TEXT, "{path}");
            let finish = if calls.is_empty() {
                "stop"
            } else {
                "tool-calls"
            };
            assert_eq!(said.finish.as_deref(), Some(finish), "{path}");
            assert!(said.end_marker, "{path}");
            let usage = Usage {
                input: 12,
                output: 7,
            };
            assert_eq!(said.usage, Some(usage), "{path}");
            assert_eq!(said.tool_calls.len(), calls.len());
            assert!(said.tool_calls.iter().all(|call| call.whole), "{said:?}");
        }
    }
}

fn fits((call, meant): (&SaidToolCall, &Intended)) -> bool {
    meant.arguments.starts_with(&call.arguments)
        && (!call.whole || call.arguments == meant.arguments)
}

#[test]
fn a_cut_anywhere_is_read_as_far_as_it_goes() {
    for path in PATHS {
        for streamed in [true, false] {
            let (response, calls) = rendered(path, streamed);
            let contract = Contract::plain(&response);
            let mut text = 0;
            for cut in 0..contract.wire().len() {
                let said = read(&contract.wire()[..cut], &calls);
                assert!(TEXT.starts_with(&said.text), "{cut}: {said:?}");
                assert!(said.text.len() >= text, "{cut}: {said:?}");
                text = said.text.len();
                let right = said.tool_calls.iter().zip(&calls).all(fits);
                assert!(right, "{cut}: {said:?}");
            }
        }
    }
}

#[test]
fn the_marks_agree_with_what_is_read() {
    for path in PATHS {
        let (response, calls) = rendered(path, true);
        let at = |point| {
            let fault = Fault {
                point,
                action: Action::Close,
            };
            let contract = Contract::of(&response, &fault).expect("has the point");
            read(contract.wire(), &calls)
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
        }
        let before_finish = at(Point::BeforeFinish);
        assert_eq!(before_finish.finish, None);
        assert_eq!(before_finish.tool_calls.len(), calls.len());
        assert!(before_finish.tool_calls.iter().all(|call| call.whole));
        assert!(!before_finish.end_marker && at(Point::AfterEnd).end_marker);
        // In Ollama's own API the last line says why, and there is no marker beside it.
        if path.starts_with("/v1") {
            let before_end = at(Point::BeforeEnd);
            assert!(before_end.finish.is_some() && !before_end.end_marker);
        }
    }
}

#[test]
fn an_error_says_nothing() {
    let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{\"error\":\"m\"}";
    assert_eq!(read(wire, &[]), Said::default());
    let lines = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n{\"error\":\"m\"}\n";
    assert_eq!(read(lines, &[]), Said::default());
}

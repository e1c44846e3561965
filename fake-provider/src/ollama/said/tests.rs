//! Answers of every path, cut anywhere, and read back.

use provider_script::{Reply, ToolCall};
use serde_json::json;
use wire_faults::Point;

use super::*;
use crate::example::Example;
use crate::ollama::Ollama;
use crate::read_back::{Answer, listing, talkative};

const PATHS: [&str; 3] = ["/api/chat", "/api/generate", "/v1/chat/completions"];

fn answer(path: &str, streamed: bool) -> Answer<'static> {
    let called_alike = ToolCall {
        arguments: serde_json::Map::from_iter([("arguments".to_owned(), json!({"path": "b\"}c"}))]),
        ..listing("")
    };
    let broken = ToolCall {
        raw_arguments: Some("{\"path\": \"cut".into()),
        ..listing("")
    };
    let mut reply = Reply {
        reasoning: Some("Hmm, \"so\".".into()),
        ..talkative()
    };
    reply.tool_calls.extend([called_alike, broken]);
    let mut example = Example::of(&reply, streamed);
    example.request.path = path.into();
    let body = json!({"stream_options": {"include_usage": true}});
    let answer = Answer::of(&Ollama, &example, &body);
    match path {
        "/api/generate" => answer.without_calls(),
        _ => answer,
    }
}

fn answers() -> impl Iterator<Item = Answer<'static>> {
    let forms = PATHS.iter().flat_map(|path| [(path, true), (path, false)]);
    forms.map(|(path, streamed)| answer(path, streamed))
}

#[test]
fn a_whole_answer_is_read_back_as_it_was_meant() {
    for answer in answers() {
        answer.assert_whole();
        let usage = Usage {
            input: 12,
            output: 7,
        };
        assert_eq!(answer.whole().usage, Some(usage));
    }
}

#[test]
fn a_cut_anywhere_is_read_as_far_as_it_goes() {
    for answer in answers() {
        answer.assert_read_wherever_cut();
    }
}

#[test]
fn the_marks_agree_with_what_is_read() {
    for path in PATHS {
        let answer = answer(path, true);
        answer.assert_text_marks();
        answer.assert_argument_marks();
        let before_finish = answer.before(Point::BeforeFinish);
        assert_eq!(before_finish.finish, None);
        assert_eq!(before_finish.tool_calls.len(), answer.calls.len());
        assert!(before_finish.tool_calls.iter().all(|call| call.whole));
        assert!(!before_finish.end_marker && answer.before(Point::AfterEnd).end_marker);
        // In Ollama's own API the last line says why, and there is no marker beside it.
        if path.starts_with("/v1") {
            let before_end = answer.before(Point::BeforeEnd);
            assert!(before_end.finish.is_some() && !before_end.end_marker);
        }
    }
}

#[test]
fn an_error_says_nothing() {
    let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{\"error\":\"m\"}";
    assert_eq!(said(&Sent::read(wire), &[]), Said::default());
    let lines = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n{\"error\":\"m\"}\n";
    assert_eq!(said(&Sent::read(lines), &[]), Said::default());
}

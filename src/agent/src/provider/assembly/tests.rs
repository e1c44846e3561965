//! Tests of how an answer is put together.

use super::*;
use crate::provider::chat::pieces;
use serde_json::json;

fn delta(delta: Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn finish(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

fn assemble(chunks: &[Value]) -> Assembly {
    let mut assembly = Assembly::default();
    for chunk in chunks {
        take(&mut assembly, chunk);
    }
    assembly
}

/// Takes a chunk; whether it brought anything.
fn take(assembly: &mut Assembly, chunk: &Value) -> bool {
    let steps = pieces(chunk, "delta")
        .into_iter()
        .map(|piece| assembly.take(piece).advanced);
    steps.fold(false, |any, one| any | one)
}

fn fragment(index: u64, id: Option<&str>, arguments: &str) -> Value {
    let name = id.map(|_| "list");
    let fragment =
        json!({"index": index, "id": id, "function": {"name": name, "arguments": arguments}});
    delta(json!({"tool_calls": [fragment]}))
}

fn calls(assembly: &Assembly) -> Vec<(String, String)> {
    assembly
        .fragments()
        .into_iter()
        .map(|call| (call.id, call.arguments))
        .collect()
}

fn pair(id: &str, arguments: &str) -> (String, String) {
    (id.to_owned(), arguments.to_owned())
}

#[test]
fn text_is_joined_in_order() {
    let chunks = [
        delta(json!({"role": "assistant", "content": ""})),
        delta(json!({"content": "he"})),
        delta(json!({"content": "llo"})),
        finish("stop"),
    ];
    let answer = assemble(&chunks).conclude().unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.calls.len(), answer.finish),
        ("hello", 0, Finish::Complete)
    );
}

#[test]
fn interleaved_calls_are_joined_by_index() {
    let chunks = [
        fragment(0, Some("a"), ""),
        fragment(1, Some("b"), "{\"x\""),
        fragment(0, None, "{}"),
        fragment(1, None, ":1}"),
    ];
    assert_eq!(
        calls(&assemble(&chunks)),
        [pair("a", "{}"), pair("b", "{\"x\":1}")]
    );
}

#[test]
fn two_ids_at_one_index_are_two_calls() {
    let chunks = [
        fragment(0, Some("a"), "{\"p\""),
        fragment(0, None, ":1}"),
        fragment(0, Some("b"), "{\"q\""),
        fragment(0, None, ":2}"),
    ];
    assert_eq!(
        calls(&assemble(&chunks)),
        [pair("a", "{\"p\":1}"), pair("b", "{\"q\":2}")]
    );
}

#[test]
fn an_id_repeated_with_each_fragment_is_one_call() {
    let chunks = [
        fragment(0, Some("a"), "{"),
        fragment(0, Some("b"), "["),
        fragment(0, Some("a"), "}"),
    ];
    assert_eq!(calls(&assemble(&chunks)), [pair("a", "{}"), pair("b", "[")]);
}

#[test]
fn a_missing_index_goes_by_id_and_then_by_order() {
    let part = |id: Option<&str>, arguments: &str| {
        delta(
            json!({"tool_calls": [{"id": id, "function": {"name": "list", "arguments": arguments}}]}),
        )
    };
    let chunks = [part(Some("a"), "{"), part(None, "}"), part(Some("b"), "[]")];
    assert_eq!(
        calls(&assemble(&chunks)),
        [pair("a", "{}"), pair("b", "[]")]
    );
}

#[test]
fn an_empty_finish_reason_ends_nothing() {
    assert_eq!(
        assemble(&[finish(""), delta(json!({"content": "x"}))]).finish(),
        None
    );
}

#[test]
fn what_follows_the_end_is_not_part_of_the_answer_but_usage_is() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}});
    let assembly = assemble(&[
        delta(json!({"content": "a"})),
        finish("stop"),
        delta(json!({"content": "b"})),
        usage,
    ]);
    assert_eq!(
        assembly.usage(),
        Some(Usage {
            input_tokens: 1,
            output_tokens: 2,
            total_tokens: 3
        })
    );
    assert_eq!(assembly.conclude().unwrap().text, "a");
}

#[test]
fn an_end_that_is_no_answer_is_a_failure() {
    let code = |chunks: &[Value]| assemble(chunks).conclude().unwrap_err().code;
    assert_eq!(code(&[finish("stop")]), FailureCode::EmptyResponse);
    assert_eq!(
        code(&[delta(json!({"content": " \n"})), finish("stop")]),
        FailureCode::EmptyResponse
    );
    assert_eq!(
        code(&[delta(json!({"content": "x"})), finish("content_filter")]),
        FailureCode::ContentFilter
    );
    assert_eq!(
        code(&[delta(json!({"content": "x"})), finish("error")]),
        FailureCode::ProviderErrorEvent
    );
    assert_eq!(
        code(&[delta(json!({"reasoning_content": "hm"})), finish("stop")]),
        FailureCode::EmptyResponse
    );
    let twins = [
        fragment(0, Some("a"), "{}"),
        fragment(1, Some("a"), "{}"),
        finish("tool_calls"),
    ];
    assert_eq!(code(&twins), FailureCode::Protocol);
}

#[test]
fn a_whole_completion_needs_no_indexes() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "list", "arguments": "{}"}});
    let message =
        json!({"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]});
    let completion =
        json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]});
    let mut assembly = Assembly::default();
    for piece in pieces(&completion, "message") {
        assembly.take(piece);
    }
    assert_eq!(assembly.conclude().unwrap().calls.len(), 2);
}

#[test]
fn arguments_that_contradict_themselves_are_no_answer() {
    let whole = |arguments: &str| {
        Piece::Call(CallPiece {
            key: Some(0),
            arguments: Arguments::Whole(arguments.to_owned()),
            ..CallPiece::default()
        })
    };
    for (arguments, answered) in [("{}", true), ("{\"path\":1}", false)] {
        let mut assembly = assemble(&[fragment(0, Some("a"), "{}")]);
        assembly.take(whole(arguments));
        assembly.take(Piece::Finish(Finish::Complete, "stop".to_owned()));
        let concluded = assembly.conclude().map_err(|failure| failure.code);
        match concluded {
            Ok(answer) => assert!(answered && answer.calls[0].arguments == "{}"),
            Err(code) => assert!(!answered && code == FailureCode::Protocol),
        }
    }
}

#[test]
fn a_refusal_is_a_label_and_no_answer() {
    let chunks = [delta(json!({"refusal": "I will not."})), finish("stop")];
    let refused = assemble(&chunks).conclude().unwrap_err();
    assert_eq!(refused.code, FailureCode::ContentFilter);
    assert!(refused.message.contains("I will not."));
}

#[test]
fn tokens_that_are_told_again_are_no_progress() {
    let mut assembly = Assembly::default();
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 1}});
    assert!(take(&mut assembly, &usage));
    assert!(!take(&mut assembly, &usage));
}

#[test]
fn a_piece_that_says_nothing_is_no_progress() {
    let mut assembly = Assembly::default();
    let nothing = [
        delta(json!({})),
        json!({"choices": [], "usage": null}),
        json!({"choices": [{"index": 0}]}),
    ];
    for chunk in nothing {
        assert!(!take(&mut assembly, &chunk), "{chunk}");
    }
    let thought = delta(json!({"reasoning_content": "hm"}));
    assert!(take(&mut assembly, &thought));
}

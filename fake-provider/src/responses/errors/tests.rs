//! Errors in their place and errors inside a stream, against what was recorded and what was published.

use provider_script::Reply;
use serde_json::{Value, json};
use wire_faults::StatusAnswer;

use super::*;
use crate::example::Example;
use crate::protocol::Violation;

fn answer(status: u16, code: Option<&str>) -> StatusAnswer {
    StatusAnswer {
        status,
        code: code.map(str::to_owned),
        ..StatusAnswer::default()
    }
}

/// The events of an error after two others: names and data.
fn events(answer: &StatusAnswer, flat: bool) -> Vec<(String, Value)> {
    let example = Example::of(&Reply::default(), true);
    let asked = InBandError {
        answer,
        flat,
        events_before: 2,
    };
    let body = json!({"instructions": "Be brief."});
    let in_band = in_band(&asked, &example.rendering(&(&body).into()));
    let read = in_band.frames.iter().map(|frame| {
        let text = std::str::from_utf8(frame).expect("is text");
        let text = text.strip_prefix("event: ").expect("has a name");
        let (name, data) = text.split_once("\ndata: ").expect("has data");
        let data = data.strip_suffix("\n\n").expect("is ended");
        let data: Value = serde_json::from_str(data).expect("is JSON");
        assert_eq!(data["type"], name);
        let said = data.to_string();
        assert!(said.contains(&in_band.sent.nonce), "{said}");
        (name.to_owned(), data)
    });
    read.collect()
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn an_error_inside_a_stream_is_what_was_recorded() {
    let recorded = include_str!("../../../recorded/openai-responses/stream-error-quota-2025.sse");
    let data = recorded
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let recorded: Vec<Value> = data
        .map(|data| serde_json::from_str(data).expect("is JSON"))
        .collect();
    let ours = events(&answer(429, Some("insufficient_quota")), false);
    for (theirs, (name, ours)) in recorded[2..].iter().zip(&ours) {
        assert_eq!(theirs["type"], *name);
        assert_eq!(names(theirs), names(ours));
        assert_eq!(theirs["sequence_number"], ours["sequence_number"]);
    }
    let (theirs, ours) = (&recorded[2]["error"], &ours[0].1["error"]);
    for name in ["type", "code", "param"] {
        assert_eq!(theirs[name], ours[name]);
    }
    let failed = &events(&answer(429, Some("insufficient_quota")), false)[1].1["response"];
    let theirs = &recorded[3]["response"];
    for name in ["status", "output", "usage", "incomplete_details"] {
        assert_eq!(theirs[name], failed[name], "{name}");
    }
    assert_eq!(theirs["error"]["code"], failed["error"]["code"]);
    let lacks = names(theirs)
        .into_iter()
        .find(|name| failed.get(name).is_none());
    assert_eq!(lacks, None);
    assert_eq!(failed["instructions"], "Be brief.");
}

#[test]
fn a_limit_inside_a_stream_tells_the_limits_and_an_overload_does_not() {
    let limit = events(&answer(429, None), false);
    assert_eq!(limit[0].1["error"]["code"], "rate_limit_exceeded");
    assert!(limit[0].1["error"]["headers"]["x-ratelimit-limit-tokens"].is_string());
    let overload = events(&answer(503, None), false);
    assert_eq!(overload[0].1["error"]["code"], "server_is_overloaded");
    assert_eq!(overload[0].1["error"]["headers"], Value::Null);
    assert_eq!(
        overload[1].1["response"]["error"]["code"],
        "server_is_overloaded"
    );
    // An edge that answers in HTML is in no stream.
    assert_eq!(
        events(&answer(502, None), false)[0].1["error"]["type"],
        "server_error"
    );
}

#[test]
fn the_flat_form_is_that_of_the_description() {
    let flat = events(&answer(500, None), true);
    let expected = ["code", "message", "param", "sequence_number", "type"];
    assert_eq!(names(&flat[0].1), expected);
    assert_eq!(flat[1].0, "response.failed");
}

#[test]
fn an_error_in_its_place_has_this_apis_layout_and_words() {
    let example = Example::of(&Reply::default(), true);

    let asking = example.rendering(&crate::json::NULL).asking;
    let body = |problem_of_it: &Problem<'_>| {
        let answer = problem(problem_of_it, &asking);
        assert_eq!(answer.content_type, "application/json");
        let text = String::from_utf8(answer.body).expect("is text");
        assert!(text.starts_with("{\n  \"error\": {\n    \"message\": "));
        assert!(text.ends_with("\n  }\n}"), "{text}");
        serde_json::from_str::<Value>(&text).expect("is JSON")["error"].take()
    };
    let scripted = answer(400, Some("context_length_exceeded"));
    let context = body(&Problem::Scripted(&scripted));
    assert_eq!(context["param"], "input");
    assert!(
        context["message"]
            .as_str()
            .is_some_and(|said| said.starts_with("Your input exceeds"))
    );
    let scripted = answer(400, Some("model_not_found"));
    assert_eq!(body(&Problem::Scripted(&scripted))["param"], "model");
    let violation = Violation::new("tool-result-missing", "No.").at("input");
    assert_eq!(body(&Problem::Violation(violation))["param"], "input");
    assert!(
        problem(&Problem::Scripted(&answer(502, None)), &asking)
            .body
            .starts_with(b"<html>")
    );
}

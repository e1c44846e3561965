//! Every form of an answer, cut anywhere, is read back; and the marks are where they say.

use fault_io::Contract;
use provider_script::{Finish, Reply, ToolCall};
use serde_json::json;
use wire_faults::{Action, EventPoint, Fault, Point};

use super::super::reply;
use super::*;
use crate::example::Example;
use crate::gemini::Gemini;
use crate::read_back::{Answer, TEXT, talkative};

const THOUGHT: &str = "I ought to \"look\" first.";
/// What is asked for, and how it comes.
const FORMS: [&str; 3] = [
    "generateContent",
    "streamGenerateContent?alt=sse",
    "streamGenerateContent",
];

fn call(path: &str) -> ToolCall {
    ToolCall {
        tool: "list".into(),
        arguments: serde_json::Map::from_iter([
            ("path".to_owned(), json!(path)),
            ("deep".to_owned(), json!([1, {}])),
        ]),
        raw_arguments: None,
    }
}

fn thorough() -> Reply {
    Reply {
        reasoning: Some(THOUGHT.into()),
        tool_calls: vec![call("src/é"), call("b\"c {")],
        usage: Some(provider_script::Usage {
            input: 12,
            output: 10,
            cached: 4,
            reasoning: 3,
        }),
        ..talkative()
    }
}

fn answer(reply: &Reply, form: &str, model: &str) -> Answer<'static> {
    let (method, query) = form.split_once('?').unwrap_or((form, ""));
    let mut example = Example::of(reply, method != "generateContent");
    example.conversation.model = Some(model.to_owned());
    example.request.path = format!("/v1beta/models/{model}:{method}");
    query.clone_into(&mut example.request.query);
    Answer::of(&Gemini::ALONE, &example, &Value::Null)
}

fn plainly(reply: &Reply, form: &str) -> Said {
    answer(reply, form, "fake-model").whole()
}

#[test]
fn a_whole_answer_is_read_back_as_it_was_meant() {
    for form in FORMS {
        for model in ["fake-model", "gemini-2.5-flash"] {
            let answer = answer(&thorough(), form, model);
            answer.assert_whole();
            let usage = Usage {
                input: 12,
                output: 10,
            };
            assert_eq!(answer.whole().usage, Some(usage), "{form}");
        }
    }
}

#[test]
fn a_cut_anywhere_is_read_as_far_as_it_goes() {
    for form in FORMS {
        let reply = Reply {
            delta_bytes: Some(24),
            ..thorough()
        };
        answer(&reply, form, "gemini-2.5-flash").assert_read_wherever_cut();
    }
}

#[test]
fn the_marks_agree_with_what_is_read() {
    for form in FORMS {
        let answer = answer(&thorough(), form, "fake-model");
        answer.assert_argument_marks();
        answer.assert_calls_outlast_arguments();
        let before_finish = answer.before(Point::BeforeFinish);
        assert_eq!(
            (before_finish.finish, before_finish.end_marker),
            (None, false)
        );
        if form != "generateContent" {
            let mut calls = before_finish.tool_calls.iter();
            assert!(calls.all(|call| call.whole), "{form}");
        }
        let end = answer.before(Point::AfterEnd);
        assert!(end.end_marker && end.finish.is_some());
        let no_marker = Fault {
            point: Point::BeforeEnd,
            action: Action::Close,
        };
        assert!(
            Contract::of(&answer.response, &no_marker).is_err(),
            "nothing ends a stream here"
        );
    }
}

#[test]
fn text_is_marked_where_it_stands() {
    for form in FORMS {
        let answer = answer(&thorough(), form, "fake-model");
        assert_eq!(answer.response.marks.text.len(), TEXT.len());
        let parts = TEXT.split(", ").next().expect("has a part").len() as u64;
        let wire = answer.wire_before(Point::Text { after_bytes: parts });
        let sent = Sent::read(&wire);
        let shown = String::from_utf8_lossy(sent.body());
        assert!(shown.ends_with('🎉'), "{form}: {shown}");
        assert!(!shown.contains("quoted"));
    }
}

#[test]
fn a_cut_thought_is_no_text() {
    let answer = answer(&thorough(), FORMS[1], "fake-model");
    let inside = Point::Event(EventPoint::Inside {
        event: 1,
        after_bytes: 60,
    });
    let wire = answer.wire_before(inside);
    assert!(
        String::from_utf8_lossy(&wire).contains("\"text\": \"I"),
        "the thought has begun"
    );
    assert_eq!(answer.read(&wire).text, "");
}

#[test]
fn endings_are_told_in_neutral_words() {
    let base = Reply {
        text: Some("hm".into()),
        ..Reply::default()
    };
    for form in FORMS {
        for (finish, expected) in [
            (Finish::Stop, "stop"),
            (Finish::Length, "length"),
            (Finish::ContentFilter, "content-filter"),
        ] {
            let reply = Reply {
                finish: Some(finish),
                ..base.clone()
            };
            let said = plainly(&reply, form);
            assert_eq!(said.finish.as_deref(), Some(expected), "{form}");
            // What the filter has taken from a document is not in it.
            assert_eq!(said.text, "hm", "{form}");
        }
        let refused = Reply {
            refusal: Some("No.".into()),
            ..Reply::default()
        };
        let said = plainly(&refused, form);
        assert_eq!(
            (said.finish.as_deref(), said.text.as_str()),
            (Some("content-filter"), "")
        );
        let malformed = Reply {
            tool_calls: vec![ToolCall {
                raw_arguments: Some("{\"path\": ".into()),
                arguments: serde_json::Map::new(),
                ..call("x")
            }],
            ..base.clone()
        };
        let said = plainly(&malformed, form);
        assert_eq!(
            said.finish.as_deref(),
            Some("malformed-function-call"),
            "{form}"
        );
        assert!(said.tool_calls.is_empty());
    }
}

#[test]
fn the_tokens_grow_to_what_was_asked() {
    let answer = answer(&thorough(), FORMS[1], "fake-model");
    let body = String::from_utf8(answer.response.body).expect("is text");
    let events = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let usages = events.map(|data| {
        let event: Value = serde_json::from_str(data).expect("is JSON");
        event["usageMetadata"].clone()
    });
    let usages: Vec<Value> = usages.collect();
    let tokens = |usage: &Value| usage["candidatesTokenCount"].as_u64().unwrap_or(0);
    assert!(
        usages[0]["candidatesTokenCount"].is_null(),
        "thoughts are no candidate"
    );
    assert!(usages.is_sorted_by_key(tokens));
    let last = usages.last().expect("has an end");
    assert_eq!(
        last,
        &json!({
            "promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 22, "cachedContentTokenCount": 4,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
            "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 4}],
            "thoughtsTokenCount": 3, "serviceTier": "standard",
        })
    );
}

#[test]
fn tokens_beyond_everything_are_read_as_very_many() {
    let wire = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"usageMetadata\":{\"promptTokenCount\":1,\
        \"candidatesTokenCount\":18446744073709551615,\"thoughtsTokenCount\":1}}";
    let usage = said(&Sent::read(wire), &[]).usage.expect("is told");
    assert_eq!((usage.input, usage.output), (1, u64::MAX));
}

#[test]
fn an_error_says_nothing() {
    for kind in ["application/json; charset=UTF-8", "text/event-stream"] {
        let wire = format!(
            "HTTP/1.1 500 Oops\r\ncontent-type: {kind}\r\n\r\n[{{\"error\": {{\"message\": \"m\"}}}}\n]"
        );
        assert_eq!(said(&Sent::read(wire.as_bytes()), &[]), Said::default());
    }
}

#[test]
fn an_error_in_a_stream_is_told_in_its_form() {
    let answer = wire_faults::StatusAnswer {
        status: 503,
        ..wire_faults::StatusAnswer::default()
    };
    let told = |form: &str, flat: bool, events_before: usize| {
        let mut example = Example::of(&thorough(), true);
        let (method, query) = form.split_once('?').unwrap_or((form, ""));
        example.request.path = format!("/v1beta/models/m:{method}");
        query.clone_into(&mut example.request.query);
        let error = crate::protocol::InBandError {
            answer: &answer,
            flat,
            events_before,
        };
        let told = reply::in_band_error(&error, &example.rendering(&crate::json::NULL));
        let text = String::from_utf8(told.frames.concat()).expect("is text");
        assert!(text.contains(&told.sent.nonce), "{text}");
        text
    };
    let bare = told(FORMS[1], false, 2);
    assert!(
        bare.starts_with("{\n  \"error\": {\n    \"code\": 503,"),
        "{bare}"
    );
    assert!(told(FORMS[1], true, 2).starts_with("data: {\"error\":"));
    let first: Value = serde_json::from_str(&told(FORMS[2], false, 0)).expect("is an array");
    assert_eq!(first[0]["error"]["status"], "UNAVAILABLE");
    assert!(told(FORMS[2], false, 1).starts_with(",\r\n{"));
}

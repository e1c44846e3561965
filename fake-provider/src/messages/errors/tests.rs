//! Every status has its shape, codes go where they belong, and errors inside a stream are as they were quoted.

use super::*;
use crate::draw::Draw;
use crate::http::Request;

const KEY: &str = "sk-ant-canary-0123456789abcdef";

fn asking(request: &Request) -> Asking<'_> {
    Asking {
        request,
        model: "claude-opus-5-5",
        key: Some(KEY),
        draw: Draw::new(7, None),
        quirk: None,
    }
}

fn scripted(answer: &StatusAnswer) -> (String, ErrorSent) {
    let request = Request::default();
    let answer = problem(&Problem::Scripted(answer), &asking(&request));
    (
        String::from_utf8(answer.body).expect("is text"),
        answer.sent,
    )
}

fn with_code(status: u16, code: &str) -> (Value, ErrorSent) {
    let (body, sent) = scripted(&StatusAnswer {
        status,
        code: Some(code.into()),
        ..StatusAnswer::default()
    });
    (serde_json::from_str(&body).expect("is JSON"), sent)
}

#[test]
fn every_status_has_its_shape_and_a_nonce() {
    for status in [
        400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 520, 529, 418, 599,
    ] {
        let answer = StatusAnswer {
            status,
            ..StatusAnswer::default()
        };
        let (body, sent) = scripted(&answer);
        assert!(body.contains(&sent.nonce), "{status}: {body}");
        assert!(!body.contains(KEY), "{status}: {body}");
        if matches!(status, 502 | 520) {
            assert!(body.starts_with("<html>"), "{status}: {body}");
            continue;
        }
        let body: Value = serde_json::from_str(&body).expect("is JSON");
        assert_eq!(body["type"], "error");
        assert_eq!(body["error"]["type"], sent.code.as_str());
        assert!(body["error"]["message"].is_string() && body["request_id"].is_string());
    }
}

#[test]
fn a_code_becomes_a_kind_a_detail_or_a_message() {
    let (body, sent) = with_code(429, "insufficient_quota");
    assert_eq!(body["error"]["details"]["error_code"], SPEND_CODE);
    assert_eq!(
        (body["error"]["type"].as_str(), sent.code.as_str()),
        (Some("rate_limit_error"), SPEND_CODE)
    );
    let (body, _) = with_code(400, "context_length_exceeded");
    let message = body["error"]["message"].as_str().expect("is text");
    assert!(message.starts_with("prompt is too long: "), "{message}");
    assert_eq!(
        with_code(503, "overloaded_error").0["error"]["type"],
        "overloaded_error"
    );
    let (body, _) = with_code(429, "ramp_limit_exceeded");
    assert_eq!(
        body["error"]["details"],
        json!({"error_code": "ramp_limit_exceeded"})
    );
}

#[test]
fn a_key_is_repeated_only_where_that_is_asked() {
    let mut answer = StatusAnswer {
        status: 401,
        ..StatusAnswer::default()
    };
    assert!(!scripted(&answer).0.contains(KEY));
    answer.echo_key = true;
    assert!(scripted(&answer).0.contains(KEY));
}

/// The frame of an overload inside a stream, and its nonce.
fn in_stream(flat: bool) -> (String, String) {
    let answer = StatusAnswer {
        status: 529,
        ..StatusAnswer::default()
    };
    let error = InBandError {
        answer: &answer,
        flat,
        events_before: 3,
    };
    let request = Request::default();
    let told = in_band(&error, &asking(&request));
    let frame = String::from_utf8(told.frames.concat()).expect("is text");
    (frame, told.sent.nonce)
}

#[test]
fn inside_a_stream_an_error_has_details_and_an_id() {
    let (told, nonce) = in_stream(false);
    let begins = format!(
        "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"details\":null,\"type\":\"overloaded_error\",\
         \"message\":\"Overloaded (ref {nonce})\"}},\"request_id\":\"req_011C"
    );
    assert!(
        told.starts_with(&begins) && told.ends_with("\"}\n\n"),
        "{told}"
    );
    assert!(!in_stream(true).0.contains("request_id"));
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    assert_eq!(
        not_json(b"{\n\"a\": x}"),
        "The request body is not valid JSON: unexpected character: line 2 column 6 (char 7)"
    );
    assert!(not_json(b"").ends_with("line 1 column 1 (char 0)"));
}

/// The type of a member at each path, and the values that are part of the protocol.
fn shape(data: &Value) -> Vec<String> {
    let mut shape = Vec::new();
    for (name, member) in data.as_object().expect("is an object") {
        match member {
            Value::Object(_) => {
                let inner = shape_of(name, self::shape(member));
                shape.extend(inner);
            }
            Value::String(text) if name == "type" => shape.push(format!("{name}: {text}")),
            Value::Null => shape.push(format!("{name}: null")),
            _ => shape.push(name.clone()),
        }
    }
    shape
}

fn shape_of(name: &str, inner: Vec<String>) -> Vec<String> {
    let inner = inner.into_iter();
    inner.map(|member| format!("{name}.{member}")).collect()
}

#[test]
fn inside_a_stream_an_error_is_as_it_was_quoted() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/recorded/anthropic-messages-in-stream/"
    );
    let quoted =
        |file: &str| std::fs::read_to_string(format!("{folder}{file}")).expect("is stored");
    let read = |frame: &str| {
        let (name, rest) = frame.split_once("\ndata: ").expect("has a name");
        let data = rest.strip_suffix("\n\n").expect("is ended");
        (
            name.to_owned(),
            shape(&serde_json::from_str(data).expect("is JSON")),
        )
    };
    let ours = read(&in_stream(false).0);
    assert_eq!(ours, read(&quoted("error-in-stream-2026.sse")));
    let (name, mut older) = read(&quoted("error-in-stream-2025.sse"));
    // The id came later.
    older.push("request_id".into());
    assert_eq!(ours, (name, older));
}

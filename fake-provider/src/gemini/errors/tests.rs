//! Every status has its shape, and no key is told unasked.

use super::*;
use crate::draw::Draw;
use crate::http::Request;
use crate::protocol::Violation;

const KEY: &str = "AIza-canary-0123456789abcdef";

fn answer(problem: &Problem<'_>, path: &str, key: Option<&str>) -> (String, ErrorAnswer) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let request = Request {
        method: "POST".into(),
        path: path.into(),
        query: query.into(),
        ..Request::default()
    };
    let asking = Asking {
        request: &request,
        model: "m",
        key,
        draw: Draw::new(7, None),
        quirk: None,
    };
    let answer = super::problem(problem, &asking);
    (
        String::from_utf8(answer.body.clone()).expect("is text"),
        answer,
    )
}

const WHOLE: &str = "/v1beta/models/m:generateContent";

fn scripted(answer: &StatusAnswer) -> (Value, ErrorAnswer) {
    let (body, error) = self::answer(&Problem::Scripted(answer), WHOLE, Some(KEY));
    (serde_json::from_str(&body).unwrap_or_default(), error)
}

#[test]
fn every_status_has_its_shape_and_a_nonce() {
    for status in [
        400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 499, 500, 501, 502, 503, 504, 529,
        599,
    ] {
        let asked = StatusAnswer {
            status,
            ..StatusAnswer::default()
        };
        let (body, answer) = self::answer(&Problem::Scripted(&asked), WHOLE, Some(KEY));
        assert!(body.contains(&answer.sent.nonce), "{status}: {body}");
        assert!(!body.contains(KEY), "{status}: {body}");
        if matches!(status, 413 | 502) {
            assert!(body.starts_with("<!DOCTYPE html>"), "{status}: {body}");
            continue;
        }
        let body: Value = serde_json::from_str(&body).expect("is JSON");
        assert_eq!(body["error"]["code"], status);
        assert_eq!(body["error"]["status"], answer.sent.code.as_str());
    }
}

#[test]
fn a_rate_limit_tells_quota_and_delay() {
    let asked = StatusAnswer {
        status: 429,
        retry_after: Some("26".into()),
        ..StatusAnswer::default()
    };
    let (body, answer) = scripted(&asked);
    let details = &body["error"]["details"];
    assert_eq!(details[0]["violations"][0]["quotaDimensions"]["model"], "m");
    assert_eq!(details[2]["retryDelay"], "26s");
    assert_eq!(answer.retry_after.as_deref(), Some("26"));
    let no_time = StatusAnswer {
        retry_after: Some("soon".into()),
        ..asked
    };
    assert!(scripted(&no_time).0["error"]["details"][2].is_null());
}

#[test]
fn codes_of_google_and_of_others_are_told() {
    let code = |status, code: &str| {
        let code = Some(code.to_owned());
        scripted(&StatusAnswer {
            status,
            code,
            ..StatusAnswer::default()
        })
    };
    let (body, answer) = code(400, "FAILED_PRECONDITION");
    assert_eq!(body["error"]["status"], "FAILED_PRECONDITION");
    assert_eq!(answer.sent.code, "FAILED_PRECONDITION");
    let (body, answer) = code(400, "context_length_exceeded");
    let message = body["error"]["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("exceeds the maximum number of tokens"),
        "{message}"
    );
    assert_eq!(answer.sent.code, "INVALID_ARGUMENT");
    let (body, _) = code(429, "insufficient_quota");
    assert!(body.to_string().contains("PerDay"), "{body}");
    let (body, answer) = code(400, "odd_code");
    assert_eq!(body["error"]["details"][0]["reason"], "odd_code");
    assert_eq!(answer.sent.code, "odd_code");
}

#[test]
fn a_key_is_repeated_only_where_that_is_asked() {
    let mut asked = StatusAnswer {
        status: 401,
        ..StatusAnswer::default()
    };
    assert!(!scripted(&asked).0.to_string().contains(KEY));
    asked.echo_key = true;
    assert!(scripted(&asked).0.to_string().contains(KEY));
    asked.message = Some("No.".into());
    assert!(scripted(&asked).0.to_string().contains(KEY));
}

#[test]
fn a_bad_key_is_a_bad_argument_and_none_is_forbidden() {
    let (body, bad) = answer(&Problem::Unauthorized, WHOLE, Some(KEY));
    assert_eq!(
        (bad.status, bad.sent.code.as_str()),
        (400, "API_KEY_INVALID")
    );
    assert!(!body.contains(KEY));
    let (_, none) = answer(&Problem::Unauthorized, WHOLE, None);
    assert_eq!(
        (none.status, none.sent.code.as_str()),
        (403, "PERMISSION_DENIED")
    );
}

#[test]
fn the_form_is_that_of_what_was_asked_for() {
    let stream = "/v1beta/models/m:streamGenerateContent";
    let (body, events) = answer(&Problem::NotJson, &format!("{stream}?alt=sse"), None);
    assert!(
        body.starts_with("{\n") && events.content_type == EVENTS,
        "{body}"
    );
    let (body, _) = answer(&Problem::NotJson, stream, None);
    let body: Value = serde_json::from_str(&body).expect("is JSON");
    assert_eq!(body[0]["error"]["code"], 400);
    let (body, page) = answer(&Problem::NotFound, "/v9", None);
    assert!(page.status == 404 && body.contains("/v9"), "{body}");
    let (body, _) = answer(&Problem::NotFound, "/<b>&", None);
    assert!(body.contains("<code>/&lt;b&gt;&amp;</code>"), "{body}");
}

#[test]
fn fields_are_told_as_violations() {
    let message = "Invalid JSON payload received. Unknown name \"a\": Cannot find field.\n\
                   Invalid JSON payload received. Unknown name \"b\" at 'contents[0]': Cannot find field.";
    let violation = Problem::Violation(Violation::new("unknown-field", message));
    let (body, _) = answer(&violation, WHOLE, None);
    let body: Value = serde_json::from_str(&body).expect("is JSON");
    let told = &body["error"]["details"][0]["fieldViolations"];
    assert!(told[0]["field"].is_null());
    assert_eq!(told[1]["field"], "contents[0]");
}

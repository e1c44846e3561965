//! Tables of what is classified as what.

use std::time::UNIX_EPOCH;

use super::*;
use serde_json::json;

fn of(code: u16, body: &str) -> Failure {
    status(code, &HeaderMap::new(), body.as_bytes(), UNIX_EPOCH)
}

#[test]
fn each_status_has_its_code() {
    use FailureCode::{
        Auth, Billing, ContextOverflow, InvalidRequest, NotFound, Overloaded, RateLimit,
        ServerError, Timeout,
    };
    let table = [
        (400, InvalidRequest),
        (401, Auth),
        (402, Billing),
        (403, Auth),
        (404, NotFound),
        (408, Timeout),
        (409, InvalidRequest),
        (413, ContextOverflow),
        (418, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimit),
        (500, ServerError),
        (502, ServerError),
        (503, Overloaded),
        (504, ServerError),
        (529, Overloaded),
        (307, InvalidRequest),
    ];
    for (status, code) in table {
        assert_eq!(of(status, "{}").code, code, "{status}");
    }
}

#[test]
fn the_providers_words_status_and_code_are_in_the_message() {
    let body = json!({"error": {"message": "Incorrect API key", "type": "t", "param": null, "code": "invalid_api_key"}});
    let failure = of(401, &body.to_string());
    assert_eq!(
        failure.message,
        "Incorrect API key (HTTP 401, invalid_api_key)"
    );
    assert_eq!(failure.provider_code.as_deref(), Some("invalid_api_key"));
    assert!(failure.definite);
}

#[test]
fn an_exhausted_quota_is_no_rate_limit() {
    for code in QUOTA {
        let failure = of(
            429,
            &json!({"error": {"message": "m", "type": "x", "code": code}}).to_string(),
        );
        assert_eq!(failure.code, FailureCode::Billing, "{code}");
    }
    let failure = of(
        429,
        r#"{"error":{"message":"m","type":"insufficient_quota","code":"other"}}"#,
    );
    assert_eq!(failure.code, FailureCode::Billing);
}

#[test]
fn an_overflow_is_known_by_code_or_sentence() {
    let table = [
        json!({"error": {"message": "m", "code": "context_length_exceeded"}}),
        json!({"error": {"message": "This model's maximum context length is 8 tokens.", "type": "invalid_request_error"}}),
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}),
    ];
    for body in table {
        assert_eq!(
            of(400, &body.to_string()).code,
            FailureCode::ContextOverflow,
            "{body}"
        );
    }
}

#[test]
fn a_body_without_a_sentence_is_quoted() {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, "text/html".parse().unwrap());
    let failure = status(502, &headers, b"<h1>Bad\n gateway</h1>", UNIX_EPOCH);
    assert_eq!(
        failure.message,
        "text/html: <h1>Bad gateway</h1> (HTTP 502)"
    );
    assert_eq!(
        of(502, "").message,
        "an empty body (no content type) (HTTP 502)"
    );
}

#[test]
fn an_error_inside_an_answer_keeps_its_class() {
    let table = [
        (
            json!({"error": {"message": "m", "type": "overloaded_error"}}),
            FailureCode::Overloaded,
        ),
        (
            json!({"object": "error", "message": "m", "code": 500}),
            FailureCode::ServerError,
        ),
        (
            json!({"error": {"message": "m", "code": 401}}),
            FailureCode::Auth,
        ),
        (
            json!({"error": {"message": "m", "code": "rate_limit_exceeded"}}),
            FailureCode::RateLimit,
        ),
        (
            json!({"error": {"message": "m", "code": "insufficient_quota"}}),
            FailureCode::Billing,
        ),
        (
            json!({"error": {"message": "m"}}),
            FailureCode::ProviderErrorEvent,
        ),
    ];
    for (value, code) in table {
        let failure = in_band(&error_body::in_band(&value).unwrap());
        assert_eq!((failure.code, failure.status), (code, None), "{value}");
        assert!(
            failure.message.starts_with("m (in a 200 response"),
            "{}",
            failure.message
        );
    }
}

#[test]
fn a_google_error_says_by_its_details_what_it_is() {
    let error = |status: &str, details: serde_json::Value| {
        json!({"error": {"code": 0, "message": "m", "status": status, "details": details}})
            .to_string()
    };
    let bad_key =
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
    let wait = json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}]);
    let daily = json!([{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "RequestsPerDay"}]}]);
    let table = [
        (
            400,
            error("INVALID_ARGUMENT", bad_key),
            FailureCode::Auth,
            None,
        ),
        (
            400,
            error("INVALID_ARGUMENT", json!([])),
            FailureCode::InvalidRequest,
            None,
        ),
        (
            429,
            error("RESOURCE_EXHAUSTED", wait),
            FailureCode::RateLimit,
            Some(36),
        ),
        (
            429,
            error("RESOURCE_EXHAUSTED", daily),
            FailureCode::Billing,
            None,
        ),
        (
            503,
            error("UNAVAILABLE", json!([])),
            FailureCode::Overloaded,
            None,
        ),
    ];
    for (status, body, code, wait) in table {
        let failure = of(status, &body);
        assert_eq!(
            (failure.code, failure.retry_after),
            (code, wait.map(Duration::from_secs)),
            "{body}"
        );
    }
}

#[test]
fn advice_about_trying_again_is_read() {
    for (value, advice) in [
        ("true", Some(Advice::TryAgain)),
        ("false", Some(Advice::GiveUp)),
        ("maybe", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", value.parse().unwrap());
        assert_eq!(
            status(529, &headers, b"{}", UNIX_EPOCH).advice,
            advice,
            "{value}"
        );
    }
}

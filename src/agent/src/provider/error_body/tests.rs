//! Tables of what is read out of which error.

use super::*;
use serde_json::json;

#[test]
fn each_shape_is_read() {
    let table = [
        (
            json!({"error": {"message": "m", "type": "t", "code": "c"}}),
            "m",
            Some("c"),
        ),
        (
            json!({"error": {"message": "m", "type": "t", "code": null}}),
            "m",
            Some("t"),
        ),
        (json!({"error": "m"}), "m", None),
        (
            json!([{"error": {"message": "m", "code": 429}}]),
            "m",
            Some("429"),
        ),
        (
            json!({"object": "error", "message": "m", "code": 500}),
            "m",
            Some("500"),
        ),
        (
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}),
            "m",
            Some("overloaded_error"),
        ),
        (
            json!({"error": {"message": "m", "type": "t", "details": {"error_code": "d"}}}),
            "m",
            Some("d"),
        ),
        (
            json!({"type": "error", "code": "c", "message": "m", "param": null, "sequence_number": 2}),
            "m",
            Some("c"),
        ),
        (
            json!({"type": "error", "sequence_number": 2, "error": {"type": "t", "code": "c", "message": "m"}}),
            "m",
            Some("c"),
        ),
        (
            json!({"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}),
            "m",
            Some("UNAVAILABLE"),
        ),
    ];
    for (value, message, code) in table {
        let error = in_band(&value).unwrap();
        assert_eq!(
            (error.message.as_str(), error.code.as_deref()),
            (message, code),
            "{value}"
        );
    }
}

#[test]
fn an_ordinary_chunk_is_no_error() {
    assert_eq!(
        in_band(&json!({"object": "chat.completion.chunk", "error": null, "choices": []})),
        None
    );
    assert_eq!(in_band(&json!([])), None);
}

#[test]
fn a_status_body_may_say_it_otherwise() {
    assert_eq!(of_status(&json!({"detail": "no"})).message, "no");
    assert_eq!(of_status(&json!({"message": "no"})).message, "no");
    assert_eq!(of_status(&json!("x")), ErrorBody::default());
}

//! Error answers in the server's shape, with a nonce in every message by which the error is known again.
//!
//! `{"error": "a sentence"}`, with the status before the first byte and as one more line after it (`docs/api/errors.mdx`). What
//! gin itself refuses is plain text. The `/v1` wraps the sentence in OpenAI's object, and calls the server's own errors
//! `api_error` whatever they are (`recorded/ollama/error-400-compatible.json`).

use journal::ErrorSent;
use serde_json::json;
use wire_faults::StatusAnswer;

use super::route::Route;
use crate::body::Body;
use crate::protocol::{Asking, ErrorAnswer, InBand, InBandError, Problem, Rendering};

/// An error, before it becomes bytes.
#[derive(Debug, Default)]
struct Told {
    status: u16,
    message: String,
    /// What the `/v1` calls it.
    kind: &'static str,
    code: Option<String>,
    retry_after: Option<String>,
    /// Whether it is gin that speaks.
    plain: bool,
}

/// The `/v1`'s word for an error that its own code finds, before the server looks at the request.
const INVALID: &str = "invalid_request_error";
const SERVERS_OWN: &str = "api_error";

/// A problem in the server's shape.
pub(super) fn problem(problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
    let told = told(problem, asking);
    let compatible = Route::of(asking.request).is_some_and(Route::is_compatible);
    let nonce = asking.draw.nonce();
    let sent = ErrorSent {
        code: told.code.unwrap_or_else(|| told.status.to_string()),
        nonce: nonce.clone(),
        retry_after: told.retry_after.clone(),
        ..ErrorSent::default()
    };
    let message = format!("{} (ref {nonce})", told.message);
    let (body, content_type) = match (told.plain, compatible) {
        (true, _) => (message, "text/plain"),
        (false, true) => {
            let kind = told.kind;
            let error = format!(
                "{{\"error\":{{\"message\":{},\"type\":\"{kind}\",\"param\":null,\"code\":null}}}}",
                string(&message)
            );
            // What the server says goes through an encoder that ends lines; the adapter's own errors through gin.
            let end = if kind == SERVERS_OWN { "\n" } else { "" };
            (error + end, "application/json")
        }
        (false, false) => (
            format!("{{\"error\":{}}}", string(&message)),
            "application/json; charset=utf-8",
        ),
    };
    ErrorAnswer {
        status: told.status,
        content_type,
        body: body.into_bytes(),
        retry_after: told.retry_after,
        allow: match problem {
            Problem::NotAllowed(allow) => Some(allow),
            _ => None,
        },
        sent,
    }
}

/// An error inside a stream: one more line, and nothing after it. The `/v1` has none: it turns the line into an empty chunk.
pub(super) fn in_band(error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
    let asking = &rendering.asking;
    if Route::of(asking.request) == Some(Route::CompatibleChat) {
        return None;
    }
    let mut answer = problem(&Problem::Scripted(error.answer), asking);
    answer.body.push(b'\n');
    Some(InBand {
        frames: vec![answer.body],
        sent: answer.sent,
    })
}

fn told(problem: &Problem<'_>, asking: &Asking<'_>) -> Told {
    let error = |status, message: &str| Told {
        status,
        message: message.to_owned(),
        kind: INVALID,
        ..Told::default()
    };
    let plain = |status, message: &str| Told {
        plain: true,
        ..error(status, message)
    };
    match problem {
        Problem::Violation(violation) => Told {
            kind: violation.code.unwrap_or(INVALID),
            ..error(violation.status, &violation.message)
        },
        Problem::NotJson => error(400, &not_json(&asking.request.body)),
        Problem::Unauthorized => Told {
            kind: SERVERS_OWN,
            ..error(401, "unauthorized")
        },
        Problem::Unscripted(what) => Told {
            code: Some("unscripted_request".into()),
            ..error(400, what)
        },
        Problem::NotFound => plain(404, "404 page not found"),
        Problem::NotAllowed(_) => plain(405, "405 method not allowed"),
        // Go's own server answers this, and closes.
        Problem::Malformed { status, message } => plain(*status, &format!("{status} {message}")),
        Problem::TooLarge(_) => error(413, &usual(413, "")),
        Problem::UnknownModel(model) => Told {
            kind: SERVERS_OWN,
            ..error(404, &usual(404, model))
        },
        Problem::Scripted(answer) => scripted(answer, asking),
    }
}

fn scripted(answer: &StatusAnswer, asking: &Asking<'_>) -> Told {
    let usual = usual(answer.status, asking.model);
    let mut message = answer.message.clone().unwrap_or(usual);
    if answer.echo_key {
        let key = asking.key.unwrap_or("none");
        message = format!("{message} (API key: {key})");
    }
    Told {
        status: answer.status,
        message,
        kind: SERVERS_OWN,
        code: answer.code.clone(),
        retry_after: answer.retry_after.clone(),
        plain: false,
    }
}

/// What the server, or the cloud behind it, says with a status.
fn usual(status: u16, model: &str) -> String {
    let fixed = match status {
        400 => "invalid model name",
        401 => "unauthorized",
        402 => "this model requires a subscription, upgrade for access: https://ollama.com/upgrade",
        403 => "ollama cloud is disabled: remote model is unavailable",
        404 => return format!("model '{model}' not found"),
        408 | 504 => "context deadline exceeded",
        413 => "http: request body too large",
        // Recorded in continuedev/continue#9233.
        429 => "you've reached your hourly usage limit, please wait or upgrade to continue",
        499 => "request canceled",
        501 => "this model does not support embeddings",
        502 => "remote model is unavailable",
        // With two spaces, as `server/sched.go` has it.
        503 => "server busy, please try again.  maximum pending requests exceeded",
        529 => "Server overloaded, please retry shortly",
        _ if status >= 500 => "an error was encountered while running the model",
        _ => "bad request",
    };
    fixed.to_owned()
}

/// In the words of Go's `encoding/json`.
fn not_json(body: &[u8]) -> String {
    if body.is_empty() {
        return "missing request body".into();
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Err(error) if !error.is_eof() => {
            let at = position(body, error.line(), error.column());
            let shown = body.get(at).map_or(' ', |byte| char::from(*byte));
            format!("invalid character '{shown}' looking for beginning of value")
        }
        _ => "unexpected EOF".into(),
    }
}

fn position(body: &[u8], line: usize, column: usize) -> usize {
    let before = body.split_inclusive(|byte| *byte == b'\n');
    let before: usize = before.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    before + column.saturating_sub(1)
}

/// A string as Go writes it.
fn string(text: &str) -> String {
    let mut body = Body::safe_in_html();
    body.string(text);
    String::from_utf8(body.into_response().body).unwrap_or_else(|_| json!(text).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::draw::Draw;
    use crate::http::Request;
    use crate::protocol::Violation;

    fn answered(path: &str, problem: &Problem<'_>) -> (ErrorAnswer, String) {
        let request = Request {
            path: path.into(),
            body: b"{\"a\":\n x".to_vec(),
            ..Request::default()
        };
        let asking = Asking {
            request: &request,
            model: "m<1>",
            key: Some("canary"),
            draw: Draw::new(7, None),
            quirk: None,
        };
        let answer = super::problem(problem, &asking);
        let body = String::from_utf8(answer.body.clone()).expect("is text");
        (answer, body)
    }

    #[test]
    fn every_status_has_its_shape_and_a_nonce() {
        for status in [
            400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 499, 500, 501, 502, 503, 504, 529,
        ] {
            let scripted = StatusAnswer {
                status,
                ..StatusAnswer::default()
            };
            let (answer, body) = answered("/api/chat", &Problem::Scripted(&scripted));
            assert_eq!(answer.status, status);
            assert!(
                body.contains(&answer.sent.nonce) && !body.contains("canary"),
                "{body}"
            );
            let read: Value = serde_json::from_str(&body).expect("is JSON");
            assert!(read["error"].is_string() && !body.ends_with('\n'), "{body}");
            let (_, body) = answered("/v1/chat/completions", &Problem::Scripted(&scripted));
            let read: Value = serde_json::from_str(&body).expect("is JSON");
            assert_eq!(read["error"]["type"], "api_error");
            assert!(
                read["error"]["message"].is_string() && body.ends_with('\n'),
                "{body}"
            );
        }
    }

    #[test]
    fn words_are_the_servers() {
        let missing = StatusAnswer {
            status: 404,
            echo_key: true,
            ..StatusAnswer::default()
        };
        let (answer, body) = answered("/api/chat", &Problem::Scripted(&missing));
        let nonce = answer.sent.nonce;
        let expected = format!(
            "{{\"error\":\"model 'm\\u003c1\\u003e' not found (API key: canary) (ref {nonce})\"}}"
        );
        assert_eq!(body, expected);
        let (answer, body) = answered("/api/nothing", &Problem::NotFound);
        assert!(body.starts_with("404 page not found"));
        assert_eq!(answer.content_type, "text/plain");
        let (answer, _) = answered("/api/chat", &Problem::NotAllowed("POST"));
        assert_eq!((answer.status, answer.allow), (405, Some("POST")));
        let (_, body) = answered("/api/chat", &Problem::NotJson);
        assert!(
            body.contains("invalid character 'x' looking for beginning of value"),
            "{body}"
        );
        assert_eq!(not_json(b""), "missing request body");
        assert_eq!(not_json(b"{\"a\""), "unexpected EOF");
    }

    #[test]
    fn the_adapter_has_a_word_of_its_own() {
        let violation = Violation::new("x", "[] is too short - 'messages'");
        let (_, body) = answered("/v1/chat/completions", &Problem::Violation(violation));
        assert!(
            body.contains("\"type\":\"invalid_request_error\""),
            "{body}"
        );
        assert!(!body.ends_with('\n'));
    }
}

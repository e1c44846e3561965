//! Response heads with the headers of the real provider, as captured. No `Date`: a head has to be the same in every run of a case.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat};

use crate::draw::Draw;
use crate::protocol::{Asking, Head, reason};

/// The id of a request, which stands in the head and in every error.
pub(super) fn request_id(draw: Draw) -> String {
    format!("req_011C{}", draw.hex("request", 20))
}

/// Status line and headers, without framing and without the blank line.
pub(super) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let mut text = String::with_capacity(1280);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "HTTP/1.1 {} {}\r\ncontent-type: {}\r\n",
        head.status,
        reason(head.status),
        head.content_type,
    );
    if head.content_type.starts_with("text/event-stream") {
        text.push_str("cache-control: no-cache\r\n");
    }
    let _ = write!(
        text,
        "request-id: {}\r\n\
         anthropic-organization-id: 00000000-0000-4000-8000-000000000000\r\n",
        request_id(asking.draw),
    );
    limits(head, asking, &mut text);
    let again = Head {
        should_retry: head.should_retry.or_else(|| should_retry(head)),
        ..*head
    };
    text.push_str(&again.retry_lines());
    if let Some(allow) = head.allow {
        let _ = write!(text, "allow: {allow}\r\n");
    }
    text.push_str(
        "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n\
         content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
         x-robots-tag: none\r\n\
         server: cloudflare\r\n\
         cf-cache-status: DYNAMIC\r\n",
    );
    text.into_bytes()
}

/// What clients of the provider's own are told to do about an error. Captured: `false` with a 404, `true` with 429 and 529.
const fn should_retry(head: &Head<'_>) -> Option<bool> {
    match head.status {
        0..400 => None,
        408 | 409 | 429 | 500.. => Some(true),
        _ => Some(false),
    }
}

/// What only a request that reached a model is told, or one that came too often.
fn limits(head: &Head<'_>, asking: &Asking<'_>, text: &mut String) {
    let limited = head.status == 429;
    let answered = head.status == 200 && asking.request.path.ends_with("/messages");
    if !limited && !answered {
        return;
    }
    let now = asking.draw.created();
    let wait = head.retry_after.and_then(|value| value.parse::<u16>().ok());
    let later = now + u64::from(wait.unwrap_or(60));
    // Input is what runs out, as in the captured 429: github.com/whoz-oss/coday/issues/110.
    let rows = match limited {
        true => [
            ("requests", 4_000_u32, 4_000_u32, now),
            ("input-tokens", 200_000, 0, later),
            ("output-tokens", 80_000, 80_000, now),
            ("tokens", 280_000, 80_000, now),
        ],
        false => [
            ("requests", 4_000, 3_999, now),
            ("input-tokens", 200_000, 200_000, now),
            ("output-tokens", 80_000, 80_000, now),
            ("tokens", 280_000, 280_000, now),
        ],
    };
    for (what, limit, remaining, reset) in rows {
        let reset = timestamp(reset);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "anthropic-ratelimit-{what}-limit: {limit}\r\n\
             anthropic-ratelimit-{what}-remaining: {remaining}\r\n\
             anthropic-ratelimit-{what}-reset: {reset}\r\n",
        );
    }
}

/// Seconds since 1970 as RFC 3339 has them.
fn timestamp(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Request;

    fn rendered(head_of: &Head<'_>, path: &str) -> String {
        let request = Request {
            path: path.into(),
            ..Request::default()
        };
        let asking = Asking {
            request: &request,
            model: "m",
            key: None,
            draw: Draw::new(7, None),
            quirk: None,
        };
        String::from_utf8(head(head_of, &asking)).expect("is text")
    }

    #[test]
    fn limits_are_told_to_who_reached_a_model_or_came_too_often() {
        let ok = Head::ok("application/json");
        let told = rendered(&ok, "/v1/messages");
        assert!(
            told.contains("anthropic-ratelimit-requests-reset: 2025-11-20T00:00:00Z\r\n"),
            "{told}"
        );
        assert!(!rendered(&ok, "/v1/models").contains("ratelimit"));
        let limited = Head {
            status: 429,
            retry_after: Some("16"),
            ..ok
        };
        let told = rendered(&limited, "/v1/messages");
        assert!(told.contains("input-tokens-remaining: 0\r\n"), "{told}");
        assert!(
            told.contains("input-tokens-reset: 2025-11-20T00:00:16Z\r\n"),
            "{told}"
        );
        assert!(
            told.contains("x-should-retry: true\r\nretry-after: 16\r\n"),
            "{told}"
        );
        let missing = Head { status: 404, ..ok };
        let told = rendered(&missing, "/v1/messages");
        assert!(
            told.contains("x-should-retry: false") && !told.contains("ratelimit"),
            "{told}"
        );
    }
}

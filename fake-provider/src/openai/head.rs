//! Response heads with the headers of the real provider. No `Date`: a head has to be the same in every run of a case, and RFC
//! 9110 (section 6.6.1) wants none from a server without a clock.

use std::fmt::Write as _;

use crate::protocol::{Asking, Head, reason};

/// Status line and headers, without framing and without the blank line.
pub(crate) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let mut text = String::with_capacity(640);
    let request_id = asking.draw.hex("request", 32);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "HTTP/1.1 {} {}\r\n\
         content-type: {}\r\n\
         x-request-id: req_{request_id}\r\n\
         openai-organization: org-brownout\r\n\
         server: cloudflare\r\n",
        head.status,
        reason(head.status),
        head.content_type,
    );
    limits(head.status, &mut text);
    if let Some(retry_after) = head.retry_after() {
        let _ = write!(text, "retry-after: {retry_after}\r\n");
    }
    if let Some(allow) = head.allow {
        let _ = write!(text, "allow: {allow}\r\n");
    }
    text.into_bytes()
}

/// What only a request that reached a model is told; one for an unknown model never did.
fn limits(status: u16, head: &mut String) {
    if status == 404 {
        return;
    }
    let requests = if status == 429 { 0 } else { 9_999 };
    let tokens = requests * 20;
    // Writing to a string cannot fail.
    let _ = write!(
        head,
        "openai-processing-ms: 42\r\n\
         openai-version: 2020-10-01\r\n\
         x-ratelimit-limit-requests: 10000\r\n\
         x-ratelimit-remaining-requests: {requests}\r\n\
         x-ratelimit-reset-requests: 8.64s\r\n\
         x-ratelimit-limit-tokens: 200000\r\n\
         x-ratelimit-remaining-tokens: {tokens}\r\n\
         x-ratelimit-reset-tokens: 120ms\r\n",
    );
}

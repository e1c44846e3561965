//! Response heads with the headers of the real provider. No `Date`: a head has to be the same in every run of a case, and RFC
//! 9110 (section 6.6.1) wants none from a server without a clock.

use std::fmt::Write as _;

use crate::protocol::{Asking, Head, reason};

/// Status line and headers, without framing and without the blank line.
pub(crate) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let mut text = String::with_capacity(768);
    let request_id = asking.draw.hex("request", 32);
    // Writing to a string cannot fail.
    let _ = write!(text, "HTTP/1.1 {} {}", head.status, reason(head.status));
    text.push_str("\r\ncontent-type: ");
    text.push_str(head.content_type);
    text.push_str("\r\nx-request-id: req_");
    text.push_str(&request_id);
    text.push_str("\r\nopenai-organization: org-brownout\r\nserver: cloudflare\r\n");
    limits(head.status, &mut text);
    text.push_str(&head.retry_lines());
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
    let (requests, tokens) = match status {
        429 => ("0", "0"),
        _ => ("9999", "199980"),
    };
    for part in [
        "openai-processing-ms: 42\r\n\
         openai-version: 2020-10-01\r\n\
         x-ratelimit-limit-requests: 10000\r\n\
         x-ratelimit-remaining-requests: ",
        requests,
        "\r\n\
         x-ratelimit-reset-requests: 8.64s\r\n\
         x-ratelimit-limit-tokens: 200000\r\n\
         x-ratelimit-remaining-tokens: ",
        tokens,
        "\r\n\
         x-ratelimit-reset-tokens: 120ms\r\n",
    ] {
        head.push_str(part);
    }
}

//! Response heads with the headers of the real API, as recorded. Google tells no limits in them, and no time here: a head has to be
//! the same in every run of a case, and RFC 9110 (section 6.6.1) wants none from a server without a clock.

use std::fmt::Write as _;

use crate::protocol::{Asking, Head, reason};

/// What stands in every answer, after its type. `X-XSS-Protection` and the rest are the front end's, on every one of its answers.
const FIXED: &str = "vary: Origin\r\nvary: X-Origin\r\nvary: Referer\r\nserver: scaffolding on HTTPServer2\r\n\
                     x-xss-protection: 0\r\nx-frame-options: SAMEORIGIN\r\nx-content-type-options: nosniff\r\n";

/// A head, without framing and without the blank line.
pub(super) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let mut text = String::with_capacity(400);
    let Head {
        status,
        content_type,
        ..
    } = *head;
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "HTTP/1.1 {status} {}\r\ncontent-type: {content_type}\r\n{FIXED}",
        reason(status)
    );
    let took = u64::from_str_radix(&asking.draw.hex("took", 2), 16).unwrap_or(0);
    let _ = write!(text, "server-timing: gfet4t7; dur={}\r\n", 40 + took);
    if status == 200 && content_type == "text/event-stream" {
        text.push_str("content-disposition: attachment\r\n");
    }
    text.push_str(&head.retry_lines());
    if let Some(allow) = head.allow {
        let _ = write!(text, "allow: {allow}\r\n");
    }
    text.into_bytes()
}

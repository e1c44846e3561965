//! Response heads of a server that listens by itself: no edge before it, no limits, no ids. No `Date`: a head has to be the
//! same in every run of a case, and RFC 9110 (section 6.6.1) wants none from a server without a clock.

use std::fmt::Write as _;

use super::route::Route;
use crate::protocol::{Asking, Head, reason};

/// Status line and headers, without framing and without the blank line.
pub(super) fn head(head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
    let compatible = Route::of(asking.request).is_some_and(Route::is_compatible);
    let content_type = match head.content_type {
        // gin says it with the encoding; what is written without gin does not.
        "application/json" if !compatible => "application/json; charset=utf-8",
        other => other,
    };
    let mut text = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: {content_type}\r\n",
        head.status,
        reason(head.status)
    );
    // Writing to a string cannot fail.
    text.push_str(&head.retry_lines());
    if let Some(allow) = head.allow {
        let _ = write!(text, "allow: {allow}\r\n");
    }
    text.into_bytes()
}

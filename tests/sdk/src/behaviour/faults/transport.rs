//! What goes wrong in TLS and in HTTP/2.

use super::{BOUNDARY, EVERY, Only, Row, SAID, STREAMED, row};
use crate::trust::Carried;

pub(super) fn over_tls() -> Vec<Row> {
    let over = |name: &str, title: &str, only: Only, fault: &str| Row {
        carried: Carried::Tls,
        ..row(name, title, only, fault)
    };
    let in_the_handshake = [
        (
            "tls-alert",
            "an alert instead of the handshake",
            "action = \"tls-alert\", alert = \"internal-error\"",
        ),
        (
            "tls-close",
            "FIN instead of the handshake",
            "action = \"close\"",
        ),
        (
            "tls-expired",
            "the certificate has expired",
            "action = \"expired-certificate\"",
        ),
        (
            "tls-wrong-name",
            "the certificate is for another host",
            "action = \"wrong-name\"",
        ),
    ];
    let mut rows: Vec<Row> = { in_the_handshake.iter() }
        .map(|(name, title, fault)| over(name, title, EVERY, &format!("at = \"tls\", {fault}")))
        .collect();
    rows.extend([
        over(
            "tls-text-truncate",
            "FIN without `close_notify` in mid-event, in the text",
            EVERY,
            "at = \"text\", after_bytes = 7, action = \"tls-truncate\"",
        ),
        over(
            "tls-text-alert",
            "an alert in mid-event, in the text",
            EVERY,
            "at = \"text\", after_bytes = 7, action = \"tls-alert\", alert = \"internal-error\"",
        ),
        Row {
            script: format!(
                "[[provider]]\nreply = {{ text = {SAID:?}, framing = \"close-delimited\" }}\n\
                 fault = {{ at = \"event\", after = {BOUNDARY}, action = \"tls-truncate\" }}\n"
            ),
            ..over(
                "tls-unframed",
                "FIN without `close_notify` between two events of text, where only the end of the connection tells the end of the body",
                STREAMED,
                "",
            )
        },
    ]);
    rows
}

/// Each of them is one that HTTP/1.1 does not have, so that whoever speaks that is not measured.
pub(super) fn over_http2() -> Vec<Row> {
    let ends = [
        (
            "h2-refused",
            "`RST_STREAM` with `REFUSED_STREAM` instead of an answer",
            "at = \"before-headers\", action = \"reset-stream\", code = \"refused-stream\"",
        ),
        (
            "h2-text-reset",
            "`RST_STREAM` with `INTERNAL_ERROR` in mid-event, in the text",
            "at = \"text\", after_bytes = 7, action = \"reset-stream\", code = \"internal-error\"",
        ),
        (
            "h2-goaway",
            "`GOAWAY` with `NO_ERROR` and FIN instead of an answer",
            "at = \"before-headers\", action = \"goaway\", code = \"no-error\"",
        ),
        (
            "h2-text-goaway",
            "`GOAWAY` with `NO_ERROR` and FIN in mid-event, in the text",
            "at = \"text\", after_bytes = 7, action = \"goaway\", code = \"no-error\"",
        ),
    ];
    let rows = ends.iter().map(|(name, title, fault)| Row {
        carried: Carried::Http2,
        ..row(name, title, EVERY, fault)
    });
    rows.collect()
}

//! What comes instead of an answer, or in another head than its own.

use super::{CALL, EVERY, Row, SAID, TEXT, row};
use crate::roster::{CHAT, RESPONSES};

pub(super) fn before_the_answer() -> Vec<Row> {
    let at = |name: &str, title: &str, fault: &str| row(name, title, EVERY, fault);
    vec![
        Row {
            script: format!(
                "[[provider]]\nwhen = {{ call = 1 }}\n{TEXT}\nfault = {{ at = \"connect\", action = \"close\" }}\n"
            ),
            ..at("connect-refused", "the connection is refused", "")
        },
        at(
            "head-close",
            "FIN instead of an answer",
            "at = \"before-headers\", action = \"close\"",
        ),
        at(
            "head-reset",
            "RST instead of an answer",
            "at = \"before-headers\", action = \"reset\"",
        ),
        at(
            "head-half",
            "FIN inside the head",
            "at = \"headers\", after_bytes = 40, action = \"close\"",
        ),
        at(
            "body-none-reset",
            "RST after the head",
            "at = \"before-body\", action = \"reset\"",
        ),
        Row {
            what: "tools",
            reuses: true,
            script: format!(
                "[[provider]]\nwhen = {{ call = 1 }}\n{CALL}\nfault = {{ action = \"stale-keepalive\" }}\n\
                 [[provider]]\nwhen = {{ call = 2 }}\nreply = {{ text = {SAID:?} }}\n"
            ),
            ..at(
                "stale-keepalive",
                "RST as the next request comes on a connection that was kept alive",
                "",
            )
        },
    ]
}

pub(super) fn statuses() -> Vec<Row> {
    let plain = [
        400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529,
    ];
    let mut rows: Vec<Row> = plain
        .iter()
        .map(|status| {
            let fault = format!("action = \"status\", status = {status}");
            row(
                &format!("status-{status}"),
                &format!("status {status}"),
                EVERY,
                &fault,
            )
        })
        .collect();
    for seconds in ["0", "1", "70", "130", "-5", "soon"] {
        let fault = format!("action = \"status\", status = 429, retry_after = \"{seconds}\"");
        rows.push(row(
            &format!("retry-after-{seconds}"),
            &format!("status 429, `Retry-After: {seconds}`"),
            EVERY,
            &fault,
        ));
    }
    rows.push(Row {
        dialects: &[CHAT, RESPONSES],
        ..row(
            "quota",
            "status 429, `insufficient_quota`, where waiting cannot help",
            EVERY,
            "action = \"status\", status = 429, code = \"insufficient_quota\"",
        )
    });
    rows
}

pub(super) fn other_answers() -> Vec<Row> {
    let at = |name: &str, title: &str, fault: &str| row(name, title, EVERY, fault);
    vec![
        at(
            "html",
            "status 200 and a page for a browser",
            "action = \"html\"",
        ),
        at(
            "empty",
            "status 200 and an empty body",
            "action = \"empty\"",
        ),
        at(
            "content-type",
            "the right body as `text/plain`",
            "action = \"wrong-content-type\", content_type = \"text/plain\"",
        ),
        at(
            "content-length",
            "`Content-Length` promises ten bytes more than come",
            "action = \"short-content-length\", by = 10",
        ),
        at(
            "gzip",
            "gzip that is broken in the middle",
            "at = \"text\", after_bytes = 7, action = \"corrupt-gzip\"",
        ),
        at(
            "garbage",
            "random bytes and FIN instead of the body",
            "at = \"before-body\", action = \"garbage\"",
        ),
    ]
}

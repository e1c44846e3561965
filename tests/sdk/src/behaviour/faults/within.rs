//! What goes wrong inside an answer that has begun.

use super::{BOUNDARY, CALL, EVERY, Only, Row, SAID, STREAMED, TEXT, row};
use crate::roster::{ANSWERS_IN_EVENTS, CHAT, RESPONSES};

pub(super) fn cut_off() -> Vec<Row> {
    let mut rows = cut_in_text();
    rows.extend(cut_unframed());
    rows.extend(cut_in_arguments());
    rows.extend(cut_around_the_end());
    rows.push(row(
        "event-half",
        "clean end of the HTTP message inside an event",
        STREAMED,
        "at = \"event\", inside = 2, after_bytes = 15, action = \"truncate\"",
    ));
    rows
}

/// The ways in which an answer is cut off.
const ENDS: [(&str, &str); 3] = [
    ("truncate", "clean end of the HTTP message"),
    ("close", "FIN without the end of the HTTP message"),
    ("reset", "RST"),
];

fn cut_in_text() -> Vec<Row> {
    let mut rows = Vec::new();
    for (action, how) in ENDS {
        rows.push(row(
            &format!("text-{action}"),
            &format!("{how} in mid-event, in the text"),
            EVERY,
            &format!("at = \"text\", after_bytes = 7, action = \"{action}\""),
        ));
    }
    for (action, how) in ENDS {
        rows.push(row(
            &format!("boundary-{action}"),
            &format!("{how} between two events of text"),
            STREAMED,
            &format!("at = \"event\", after = {BOUNDARY}, action = \"{action}\""),
        ));
    }
    rows
}

fn cut_unframed() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, at) in [
        ("boundary", format!("at = \"event\", after = {BOUNDARY}")),
        (
            "event",
            "at = \"event\", inside = 4, after_bytes = 15".to_owned(),
        ),
    ] {
        let place = if name == "event" {
            "inside an event"
        } else {
            "between two events of text"
        };
        rows.push(Row {
            script: format!(
                "[[provider]]\nreply = {{ text = {SAID:?}, framing = \"close-delimited\" }}\nfault = {{ {at}, action = \"truncate\" }}\n"
            ),
            ..row(
                &format!("unframed-{name}"),
                &format!("FIN {place}, where only the end of the connection tells the end of the body"),
                STREAMED,
                "",
            )
        });
    }
    rows
}

fn cut_in_arguments() -> Vec<Row> {
    let mut rows = Vec::new();
    for (action, how) in &ENDS[..2] {
        let fault = format!("at = \"tool-arguments\", after_bytes = 9, action = \"{action}\"");
        rows.push(Row {
            what: "tool",
            script: format!("[[provider]]\n{CALL}\nfault = {{ {fault} }}\n"),
            // Only these send arguments in parts.
            dialects: ANSWERS_IN_EVENTS,
            ..row(
                &format!("arguments-{action}"),
                &format!("{how} in a tool's arguments"),
                STREAMED,
                "",
            )
        });
    }
    rows
}

fn cut_around_the_end() -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, place) in [
        ("before-finish", "before the finish reason"),
        ("before-end", "before the end marker"),
        ("after-end", "after the end marker"),
    ] {
        for (action, how) in ENDS {
            if at == "after-end" && action == "truncate" {
                continue;
            }
            rows.push(Row {
                finished: at != "before-finish",
                ..row(
                    &format!("{at}-{action}"),
                    &format!("{how} {place}"),
                    STREAMED,
                    &format!("at = \"{at}\", action = \"{action}\""),
                )
            });
        }
    }
    rows
}

pub(super) fn silences() -> Vec<Row> {
    let silent = |name: &str, title: &str, only: Only, fault: &str| Row {
        silent: true,
        ..row(name, title, only, fault)
    };
    vec![
        silent(
            "head-stall",
            "silence instead of an answer",
            EVERY,
            "at = \"before-headers\", action = \"stall\"",
        ),
        silent(
            "body-stall",
            "silence after the head",
            EVERY,
            "at = \"before-body\", action = \"stall\"",
        ),
        silent(
            "text-stall",
            "silence in the text",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"stall\"",
        ),
        silent(
            "after-end-stall",
            "silence after the end marker, and the connection stays open",
            STREAMED,
            "at = \"after-end\", action = \"stall\"",
        ),
        silent(
            "keepalive-forever",
            "nothing but keep-alives, one every half second",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"keepalive-forever\", every = \"500ms\"",
        ),
        silent(
            "drip",
            "a byte every half second",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"drip\", every = \"500ms\"",
        ),
    ]
}

pub(super) fn in_band() -> Vec<Row> {
    let overloaded = "action = \"error-event\", status = 503";
    let mut rows = vec![
        row(
            "error-first",
            "the error is the first event",
            STREAMED,
            &format!("at = \"before-body\", {overloaded}"),
        ),
        row(
            "error-later",
            "the error comes after some text",
            STREAMED,
            &format!("at = \"text\", after_bytes = 7, {overloaded}"),
        ),
        row(
            "error-429",
            "the same with a rate limit",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"error-event\", status = 429",
        ),
    ];
    rows.push(Row {
        dialects: &[RESPONSES],
        ..row(
            "error-flat",
            "the error comes after some text, in the flat shape of the specification",
            STREAMED,
            &format!("at = \"text\", after_bytes = 7, {overloaded}, shape = \"flat\""),
        )
    });
    rows.push(Row {
        dialects: &[CHAT],
        script: format!(
            "[[provider]]\nquirk = \"openrouter\"\n{TEXT}\nfault = {{ at = \"text\", after_bytes = 7, {overloaded} }}\n"
        ),
        ..row("error-openrouter", "the same as OpenRouter tells it", STREAMED, "")
    });
    rows.push(Row {
        dialects: &[CHAT],
        script: format!(
            "[[provider]]\nquirk = \"vllm\"\n{TEXT}\nfault = {{ at = \"text\", after_bytes = 7, {overloaded} }}\n"
        ),
        ..row("error-vllm", "the same as vLLM tells it", STREAMED, "")
    });
    rows
}

pub(super) fn events() -> Vec<Row> {
    let at_text = |name: &str, title: &str, action: &str| {
        row(
            name,
            title,
            STREAMED,
            &format!("at = \"text\", after_bytes = 7, action = \"{action}\""),
        )
    };
    vec![
        at_text("json", "an event lacks its last bracket", "malform-json"),
        at_text("utf8", "a byte that is no UTF-8", "malform-utf8"),
        at_text("drop", "an event is missing", "drop"),
        at_text("duplicate", "an event comes twice", "duplicate"),
        at_text("reorder", "two events change places", "reorder"),
        at_text("chunk", "a chunk's size is no number", "bad-chunk"),
    ]
}

pub(super) fn unusual() -> Vec<Row> {
    let of_body = |name: &str, title: &str, rest: &str| {
        row(
            name,
            title,
            STREAMED,
            &format!("at = \"before-body\", {rest}"),
        )
    };
    vec![
        of_body("split", "a byte at a time", "action = \"split\", bytes = 1"),
        of_body("crlf", "lines end in CRLF", "action = \"crlf\""),
        of_body("bom", "the body begins with U+FEFF", "action = \"bom\""),
        row(
            "huge",
            "an event of 1 MiB",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"huge\", bytes = 1048576",
        ),
    ]
}

//! What is broken, one row of the matrix each. Knows no client.

use crate::roster::{ANSWERS_IN_EVENTS, CHAT, Dialect, GEMINI, MESSAGES, OLLAMA, RESPONSES};

/// What the provider says where a text is broken.
pub(crate) const SAID: &str = "Hello wörld 🎉 end.";
const TEXT: &str = "reply = { text = \"Hello wörld 🎉 end.\" }";
const CALL: &str =
    "reply = { tool_calls = [{ tool = \"list\", arguments = { path = \"src/main.rs\" } }] }";

/// Stands in a script for the number of an event of text, which depends on the dialect.
const BOUNDARY: &str = "BOUNDARY";

/// To which answers a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    All,
    Streamed,
    Whole,
}

/// One way to break an answer. It happens to every attempt.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name in commands: `text-truncate`.
    pub(crate) name: String,
    /// What happens, in words.
    pub(crate) title: String,
    pub(crate) only: Only,
    /// Whether the provider falls silent, so that a client without a timeout needs its signal.
    pub(crate) silent: bool,
    /// Whether the word for the end has left; without it nobody can know that an answer is whole.
    pub(crate) finished: bool,
    /// What the driver asks.
    pub(crate) what: &'static str,
    /// The provider's script, apart from the number of an event.
    script: String,
    /// Where it can be, if not everywhere.
    pub(crate) dialects: &'static [Dialect],
}

/// Rows that belong together.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// Every row, in the order of an exchange.
pub(crate) fn groups() -> Vec<Group> {
    vec![
        Group {
            title: "Before the answer",
            rows: before_the_answer(),
        },
        Group {
            title: "A status instead of the answer",
            rows: statuses(),
        },
        Group {
            title: "Another answer, another head",
            rows: other_answers(),
        },
        Group {
            title: "The answer is cut off",
            rows: cut_off(),
        },
        Group {
            title: "Silence",
            rows: silences(),
        },
        Group {
            title: "An error inside an answer with status 200",
            rows: in_band(),
        },
        Group {
            title: "Events that are wrong",
            rows: events(),
        },
        Group {
            title: "Unusual, and nothing is wrong with it",
            rows: unusual(),
        },
    ]
}

fn before_the_answer() -> Vec<Row> {
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

fn statuses() -> Vec<Row> {
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

fn other_answers() -> Vec<Row> {
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

fn cut_off() -> Vec<Row> {
    let mut rows = Vec::new();
    let ends = [
        ("truncate", "clean end of the HTTP message"),
        ("close", "FIN without the end of the HTTP message"),
        ("reset", "RST"),
    ];
    for (action, how) in ends {
        rows.push(row(
            &format!("text-{action}"),
            &format!("{how} in mid-event, in the text"),
            EVERY,
            &format!("at = \"text\", after_bytes = 7, action = \"{action}\""),
        ));
    }
    for (action, how) in ends {
        rows.push(row(
            &format!("boundary-{action}"),
            &format!("{how} between two events of text"),
            STREAMED,
            &format!("at = \"event\", after = {BOUNDARY}, action = \"{action}\""),
        ));
    }
    for (action, how) in &ends[..2] {
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
    for (at, place) in [
        ("before-finish", "before the finish reason"),
        ("before-end", "before the end marker"),
        ("after-end", "after the end marker"),
    ] {
        for (action, how) in ends {
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
    rows.push(row(
        "event-half",
        "clean end of the HTTP message inside an event",
        STREAMED,
        "at = \"event\", inside = 2, after_bytes = 15, action = \"truncate\"",
    ));
    rows
}

fn silences() -> Vec<Row> {
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

fn in_band() -> Vec<Row> {
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

fn events() -> Vec<Row> {
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

fn unusual() -> Vec<Row> {
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
            "an event of 16 MiB",
            STREAMED,
            "at = \"text\", after_bytes = 7, action = \"huge\"",
        ),
    ]
}

const EVERY: Only = Only::All;
const STREAMED: Only = Only::Streamed;

fn row(name: &str, title: &str, only: Only, fault: &str) -> Row {
    Row {
        name: name.to_owned(),
        title: title.to_owned(),
        only,
        silent: false,
        finished: true,
        what: "text",
        script: format!("[[provider]]\n{TEXT}\nfault = {{ {fault} }}\n"),
        dialects: &[CHAT, RESPONSES, MESSAGES, GEMINI, OLLAMA],
    }
}

impl Row {
    /// The provider's script.
    pub(crate) fn script(&self, dialect: Dialect) -> String {
        let second_piece_of_text = match dialect {
            RESPONSES => "6",
            MESSAGES => "5",
            CHAT => "3",
            _ => "2",
        };
        self.script.replace(BOUNDARY, second_piece_of_text)
    }

    /// Whether there is such a cell: an answer that is not streamed has no events.
    pub(crate) fn is_for(&self, dialect: Dialect, mode: &str) -> bool {
        let whole = mode.ends_with("whole");
        let kind = match self.only {
            Only::All => true,
            Only::Streamed => !whole,
            Only::Whole => whole,
        };
        kind && self.dialects.contains(&dialect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provider_script::Script;

    #[test]
    fn every_row_is_a_script_and_has_a_name_of_its_own() {
        let mut names = Vec::new();
        for row in groups().iter().flat_map(|group| &group.rows) {
            let script = Script::parse(&row.script(CHAT));
            assert!(script.is_ok(), "{}: {script:?}", row.name);
            names.push(row.name.clone());
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

//! What is broken, one row of the matrix each. Knows no client.

mod instead;
mod transport;
mod within;

use crate::roster::{CHAT, Dialect, GEMINI, MESSAGES, OLLAMA, RESPONSES};
use crate::trust::Carried;

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
    /// Whether it happens to a connection that is used again, which no client has to do.
    pub(crate) reuses: bool,
    /// Whether the word for the end has left; without it nobody can know that an answer is whole.
    pub(crate) finished: bool,
    /// What the driver asks.
    pub(crate) what: &'static str,
    /// The provider's script, apart from the number of an event.
    script: String,
    /// What carries it.
    pub(crate) carried: Carried,
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
            rows: instead::before_the_answer(),
        },
        Group {
            title: "A status instead of the answer",
            rows: instead::statuses(),
        },
        Group {
            title: "Another answer, another head",
            rows: instead::other_answers(),
        },
        Group {
            title: "The answer is cut off",
            rows: within::cut_off(),
        },
        Group {
            title: "Silence",
            rows: within::silences(),
        },
        Group {
            title: "An error inside an answer with status 200",
            rows: within::in_band(),
        },
        Group {
            title: "Events that are wrong",
            rows: within::events(),
        },
        Group {
            title: "Over TLS",
            rows: transport::over_tls(),
        },
        Group {
            title: "Over HTTP/2",
            rows: transport::over_http2(),
        },
        Group {
            title: "Unusual, and nothing is wrong with it",
            rows: within::unusual(),
        },
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
        reuses: false,
        finished: true,
        what: "text",
        script: format!("[[provider]]\n{TEXT}\nfault = {{ {fault} }}\n"),
        carried: Carried::Plain,
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

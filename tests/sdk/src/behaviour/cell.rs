//! What a client made of a fault, in one cell. Knows no other cell.

use std::fmt;

use journal::FaultOutcome;
use serde_json::Value;

use super::WATCHDOG;
use super::faults::{Row, SAID};
use crate::stage::Played;
use crate::trust::Carried;

/// A machine that is later than this, in seconds, is part of what is measured.
const LATE_AT_MOST: f64 = 0.25;
/// Text in a cell is shortened to this many characters.
const SHOWN: usize = 40;

/// How it ended for whoever called the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The whole answer, as if nothing had happened.
    Whole,
    /// No exception, and not the whole answer.
    Silent,
    /// An exception: its class, and the status where it has one.
    Raised(String),
    /// No exception where one would be looked for; a callback was told.
    Told(String),
    /// Not over when the watchdog barked, in the middle of an answer.
    Hangs,
    /// Not over when the watchdog barked, and waiting before the next attempt.
    Waits,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) outcome: Outcome,
    /// Requests that the provider saw, or handshakes that it broke; nothing where it can see none.
    pub(crate) attempts: Option<usize>,
    /// Seconds from the end of each attempt to the next.
    pub(crate) delays: Vec<f64>,
    /// What got through: text, calls and the word for the end.
    pub(crate) through: String,
    /// How long the call took, in seconds.
    pub(crate) seconds: Option<f64>,
}

/// Why there is no cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The exchange has no such point.
    Inapplicable(String),
    /// The client does not speak what carries it, for this reason.
    NotSpoken(&'static str),
    /// The fault did not happen: a mistake of ours.
    NotDelivered(String),
    /// The machine was too busy to measure anything; by how many seconds it was late.
    TooBusy(String),
}

/// Reads a cell of a row.
pub(crate) fn read(row: &Row, played: &Played) -> Result<Cell, Missing> {
    if played.late > LATE_AT_MOST {
        return Err(Missing::TooBusy(format!("late by {:.1} s", played.late)));
    }
    delivered(row, played)?;
    let saw = &played.saw;
    let requests = played.requests();
    let outcome = outcome(row, played);
    let partial = !matches!(outcome, Outcome::Whole);
    Ok(Cell {
        attempts: attempts(row, played),
        delays: delays(&requests, &played.answered()),
        through: if partial { through(saw) } else { String::new() },
        seconds: saw["seconds"].as_f64(),
        outcome,
    })
}

fn attempts(row: &Row, played: &Played) -> Option<usize> {
    let requests = played.requests().len();
    let broken = match row.carried {
        Carried::Plain => 0,
        // Whoever does not get through the handshake asks for nothing.
        Carried::Tls | Carried::Http2 => {
            // One that the client has ended by itself was one as well.
            let happened = [FaultOutcome::Delivered, FaultOutcome::Superseded];
            let faults = played.faults();
            faults
                .filter(|(outcome, _)| happened.contains(outcome))
                .count()
        }
    };
    [requests, broken].into_iter().find(|count| *count > 0)
}

/// A fault that did not leave as asked proves nothing about anybody.
fn delivered(row: &Row, played: &Played) -> Result<(), Missing> {
    let mut seen = false;
    for (outcome, told) in played.faults() {
        match outcome {
            FaultOutcome::Delivered => seen = true,
            // An earlier attempt may have left before its turn; one that was delivered is enough.
            FaultOutcome::Superseded => {}
            FaultOutcome::Inapplicable => return Err(Missing::Inapplicable(told)),
            FaultOutcome::Unreached if row.reuses => {
                let why = "it opens another connection".to_owned();
                return Err(Missing::Inapplicable(why));
            }
            FaultOutcome::Unreached | FaultOutcome::Undelivered => {
                return Err(Missing::NotDelivered(format!("{outcome:?}: {told}")));
            }
        }
    }
    if seen {
        return Ok(());
    }
    Err(Missing::NotDelivered(format!(
        "no fault was delivered: {:?}",
        played.faults().collect::<Vec<_>>()
    )))
}

fn outcome(row: &Row, played: &Played) -> Outcome {
    let saw = &played.saw;
    if saw["hang"] == true {
        return if waits(played) {
            Outcome::Waits
        } else {
            Outcome::Hangs
        };
    }
    let status = saw["status"].as_u64();
    let named = |class: &str| match status {
        Some(status) => format!("{class} {status}"),
        None => class.to_owned(),
    };
    if let Some(class) = saw["class"].as_str() {
        return Outcome::Raised(named(class));
    }
    if let Some(class) = saw["told"].as_str() {
        return Outcome::Told(named(class));
    }
    // Where the word for the end never left, a client that has one has made it up.
    let whole = row.finished && saw["text"] == SAID && failed(saw).is_none();
    if whole {
        Outcome::Whole
    } else {
        Outcome::Silent
    }
}

/// Whether every answer was over long before the watchdog barked. What ends as it barks was ended by it.
fn waits(played: &Played) -> bool {
    let (requests, answered) = (played.requests(), played.answered());
    let (Some(first), Some(last)) = (requests.first(), answered.last()) else {
        return false;
    };
    answered.len() == requests.len() && last - first < WATCHDOG - 1.0
}

/// What the client hands on of an error as if it were part of the answer.
fn failed(saw: &Value) -> Option<&str> {
    saw["event"].as_str().or(saw["failure"].as_str())
}

fn delays(requests: &[f64], answered: &[f64]) -> Vec<f64> {
    let pairs = requests.windows(2).enumerate();
    pairs
        .map(|(at, pair)| {
            let from = answered.get(at).copied().filter(|end| *end <= pair[1]);
            pair[1] - from.unwrap_or(pair[0])
        })
        .collect()
}

fn through(saw: &Value) -> String {
    let mut parts = Vec::new();
    if let Some(text) = saw["text"].as_str() {
        parts.push(format!("“{}”", shortened(text)));
    }
    for call in saw["calls"].as_array().into_iter().flatten() {
        let arguments = match &call[1] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = call[0].as_str().unwrap_or_default();
        parts.push(format!("`{name}({})`", shortened(&arguments)));
    }
    for key in ["returned", "finish", "failure", "event"] {
        if let Some(word) = saw[key].as_str() {
            parts.push(format!("{key} `{word}`"));
        }
    }
    parts.join(" ")
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
        .replace('|', "\\|")
        .replace('\n', "⏎")
        .replace('\u{FEFF}', "<U+FEFF>")
}

impl Cell {
    /// Whether two cells say the same of the client: how it ended, after how many attempts, and what got through.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let essence = |cell: &Self| {
            // What the asynchronous half of a package calls its exceptions is its own affair.
            (cell.outcome.clone(), cell.attempts, cell.through.clone())
        };
        essence(self) == essence(other)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Whole => f.write_str("whole")?,
            Outcome::Silent => f.write_str("**silent**")?,
            Outcome::Raised(class) => write!(f, "`{class}`")?,
            Outcome::Told(class) => write!(f, "**silent**, `onError` {class}")?,
            Outcome::Hangs => f.write_str("**hangs**")?,
            Outcome::Waits => f.write_str("**waits**")?,
        }
        if let Some(attempts) = self.attempts.filter(|attempts| *attempts != 1) {
            write!(f, " ×{attempts}")?;
        }
        if !self.delays.is_empty() {
            let delays: Vec<_> = self
                .delays
                .iter()
                .map(|delay| format!("{delay:.1}"))
                .collect();
            write!(f, " ({} s)", delays.join(", "))?;
        }
        if !self.through.is_empty() {
            write!(f, " {}", self.through)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use journal::{Actor, Ended, Fact, Recorder, Said, Subject};
    use serde_json::json;

    use super::*;
    use crate::behaviour::faults;

    /// What a provider records of attempts that each took a second, with a pause of two seconds between them.
    fn played(saw: Value, attempts: u32, outcome: FaultOutcome) -> Played {
        let now = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || Duration::from_secs(clock.load(Ordering::Relaxed)));
        let recorder = Recorder::new(clock, Arc::new(|| {}));
        for attempt in 1..=attempts {
            let subject = Subject::attempt(1, 1, attempt);
            let record = |fact| recorder.record(Actor::Provider, subject, fact);
            record(request());
            now.fetch_add(1, Ordering::Relaxed);
            record(Fact::ResponseEnded {
                status: Some(200),
                ended: Ended::ByFault,
                said: Said::default(),
                bytes: 0,
                digest: String::new(),
            });
            record(Fact::Fault {
                entry: 0,
                point: String::new(),
                action: String::new(),
                outcome,
                expected: "this".to_owned(),
                observed: "that".to_owned(),
            });
            now.fetch_add(2, Ordering::Relaxed);
        }
        Played {
            saw,
            records: recorder.journal().records,
            late: 0.0,
        }
    }

    fn request() -> Fact {
        Fact::Request {
            connection: 1,
            method: "POST".to_owned(),
            path: "/v1/chat/completions".to_owned(),
            model: None,
            streamed: true,
            credential: "key-1".to_owned(),
            auxiliary: false,
            messages: 1,
            tool_calls: Vec::new(),
            tool_results: Vec::new(),
            said_before: Vec::new(),
            digest: String::new(),
        }
    }

    fn row(name: &str) -> Row {
        let rows = faults::groups().into_iter().flat_map(|group| group.rows);
        let mut named = rows.filter(|row| row.name == name);
        named.next().expect("there is such a row")
    }

    fn shown(name: &str, saw: Value, attempts: u32) -> String {
        let played = played(saw, attempts, FaultOutcome::Delivered);
        read(&row(name), &played).expect("is a cell").to_string()
    }

    #[test]
    fn a_cell_says_how_it_ended_how_often_it_was_tried_and_what_got_through() {
        let saw = json!({"class": "APIError", "status": 500, "text": "Hello w", "seconds": 3.0});
        assert_eq!(
            shown("text-close", saw, 3),
            "`APIError 500` ×3 (2.0, 2.0 s) “Hello w”"
        );
        let cut = json!({"calls": [["list", "{\"path\":"]], "finish": "stop", "seconds": 0.1});
        assert_eq!(
            shown("arguments-truncate", cut, 1),
            "**silent** `list({\"path\":)` finish `stop`"
        );
        assert_eq!(
            shown("text-stall", json!({"text": "Hell", "hang": true}), 1),
            "**waits** “Hell”"
        );
    }

    #[test]
    fn a_handshake_that_is_broken_is_an_attempt() {
        let saw = json!({"class": "APIConnectionError", "seconds": 0.1});
        let mut played = played(saw, 3, FaultOutcome::Delivered);
        let is_asked = |record: &journal::Record| matches!(record.fact, Fact::Request { .. });
        played.records.retain(|record| !is_asked(record));
        let shown = |name| read(&row(name), &played).expect("is a cell").to_string();
        assert_eq!(shown("tls-expired"), "`APIConnectionError` ×3");
        assert_eq!(shown("connect-refused"), "`APIConnectionError`");
    }

    #[test]
    fn an_answer_is_whole_only_if_its_end_was_told() {
        let saw = json!({"text": SAID, "finish": "stop", "seconds": 0.1});
        assert_eq!(shown("before-end-truncate", saw.clone(), 1), "whole");
        assert_eq!(
            shown("before-finish-truncate", saw, 1),
            format!("**silent** “{SAID}” finish `stop`")
        );
    }

    #[test]
    fn a_fault_that_was_not_delivered_makes_no_cell() {
        let saw = json!({"text": SAID, "seconds": 0.1});
        let of = |name, outcome| read(&row(name), &played(saw.clone(), 1, outcome));
        let undelivered = of("text-reset", FaultOutcome::Undelivered);
        assert!(matches!(undelivered, Err(Missing::NotDelivered(_))));
        let unreached = of("text-reset", FaultOutcome::Unreached);
        assert!(matches!(unreached, Err(Missing::NotDelivered(_))));
        // Nobody has to use a connection twice.
        let unreached = of("stale-keepalive", FaultOutcome::Unreached);
        assert!(matches!(unreached, Err(Missing::Inapplicable(_))));
        let superseded = of("text-reset", FaultOutcome::Superseded);
        assert!(matches!(superseded, Err(Missing::NotDelivered(_))));
    }

    #[test]
    fn a_machine_that_is_late_measures_nothing() {
        let mut played = played(json!({}), 1, FaultOutcome::Delivered);
        played.late = 1.5;
        let cell = read(&row("text-reset"), &played);
        assert_eq!(cell, Err(Missing::TooBusy("late by 1.5 s".to_owned())));
    }
}

//! How often something was recorded, held against how often it should have been.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wire_faults::HumanDuration;

use super::Desk;
use super::given::{Name, Whole};
use super::matching::{Holds, Matching, Unclear};
use super::records::{no_kind, told};
use super::refusal::Refusal;
use crate::namespaces::Held;

/// So many of the records are shown.
const SHOWN: usize = 100;

/// The longest that anybody waits.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// What such a request looks like.
const EXAMPLE: &str =
    r#"{"matching": {"kind": "request", "path": "/v1/*"}, "exactly": 2, "within": "1s"}"#;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Which records; every request unless said.
    #[serde(default)]
    matching: Map<String, Value>,
    exactly: Option<u64>,
    at_least: Option<u64>,
    at_most: Option<u64>,
    /// How long it may take until it holds; not at all unless said.
    within: Option<HumanDuration>,
}

impl Asked {
    fn holds(&self, found: u64) -> bool {
        self.exactly.is_none_or(|exactly| found == exactly)
            && self.at_least.is_none_or(|least| found >= least)
            && self.at_most.is_none_or(|most| found <= most)
    }

    /// Whether no number at all could hold, so that a test would wait for nothing.
    fn contradicts_itself(&self) -> bool {
        let least = self.exactly.max(self.at_least).unwrap_or(0);
        let most = [self.exactly, self.at_most];
        most.into_iter().flatten().any(|most| most < least)
    }

    /// Whether it would hold, or not, however many more there had been before the oldest that is kept.
    fn is_certain(&self, found: u64) -> bool {
        let most = [self.exactly, self.at_most];
        match most.into_iter().flatten().min() {
            Some(most) => found > most,
            None => self.holds(found),
        }
    }
}

pub(super) async fn verify(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
    Whole(body): Whole,
) -> Result<Response, Refusal> {
    let namespace = desk.namespace(&name)?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        Refusal::bad(format!("this is not what is asked here: {error}"))
            .hint(format!("such as {EXAMPLE}"))
    })?;
    if [asked.exactly, asked.at_least, asked.at_most] == [None; 3] {
        return Err(Refusal::bad("it is not said how many there should be")
            .hint("say `exactly`, `at_least`, `at_most`, or the last two together"));
    }
    if asked.contradicts_itself() {
        return Err(Refusal::bad(
            "there is no number that `exactly`, `at_least` and `at_most` all allow",
        )
        .hint("say `exactly` alone, or `at_least` and an `at_most` that is not smaller"));
    }
    let matching = Matching::read(&asked.matching).map_err(unclear)?;
    let Some(kept) = &namespace.kept else {
        return Err(Refusal::new(StatusCode::CONFLICT, "nothing is recorded"));
    };
    let look = |held: Held<'_>| Found::look(held, &matching);
    let holds = |held: Held<'_>| {
        let found = look(held);
        asked.holds(found.count).then_some(found)
    };
    let within = asked.within.map_or(Duration::ZERO, |within| within.0);
    let waited = tokio::time::timeout(within.min(WAIT_MAX), kept.until(holds)).await;
    let found = waited.unwrap_or_else(|_| kept.with(look));
    if found.dropped > 0 && !asked.is_certain(found.count) {
        let Found { dropped, count, .. } = found;
        let error = format!(
            "{dropped} older records were dropped, so nobody knows whether there were more than {count}"
        );
        return Err(Refusal::new(StatusCode::CONFLICT, error)
            .hint("reset the namespace before the test, or keep more with --keep-records"));
    }
    Ok(Json(json!({
        "holds": asked.holds(found.count),
        "found": found.count,
        "of_this_kind": found.of_kind,
        "records": found.records,
    }))
    .into_response())
}

/// What was found.
struct Found {
    count: u64,
    of_kind: u64,
    dropped: u64,
    records: Vec<Value>,
}

impl Found {
    fn look(held: Held<'_>, matching: &Matching) -> Self {
        let mut found = Self {
            count: 0,
            of_kind: 0,
            dropped: held.dropped,
            records: Vec::new(),
        };
        for record in held.records.iter().map(told) {
            found.of_kind += u64::from(record["kind"] == matching.kind.as_str());
            if !matching.means(&record) {
                continue;
            }
            found.count += 1;
            if found.records.len() < SHOWN {
                found.records.push(record);
            }
        }
        found
    }
}

fn unclear(unclear: Unclear) -> Refusal {
    match unclear {
        Unclear::Kind(kind) => no_kind(&kind),
        Unclear::Field { field, there_are } => {
            Refusal::bad(format!("records of this kind have no `{field}`"))
                .hint(format!("they have {}", there_are.join(", ")))
        }
        Unclear::Value { field, holds } => {
            let what = match holds {
                Holds::Text => "a text, in which `*` and `?` stand for anything",
                Holds::Number => "a number",
                Holds::Flag => "true or false",
            };
            Refusal::bad(format!("`{field}` is {what}"))
        }
    }
}

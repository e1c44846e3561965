//! What a namespace has recorded, over the admin API: by kind, and from a record on.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use journal::Record;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Desk;
use super::given::Name;
use super::matching::{KINDS, fields_of};
use super::refusal::Refusal;

/// So many records are answered unless said.
const USUAL: usize = 100;

/// And at most so many.
const MOST: usize = 10_000;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    kind: Option<String>,
    /// The number of a record; those behind it are wanted.
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

pub(super) async fn journal(
    State(desk): State<Arc<Desk>>,
    Name(name): Name,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let namespace = desk.namespace(&name)?;
    let Query(wanted) = wanted.map_err(|error| {
        Refusal::bad(error.body_text()).hint("there are `kind`, `after` and `limit`")
    })?;
    let kind = wanted.kind.filter(|kind| !kind.is_empty());
    if let Some(kind) = &kind
        && fields_of(kind).is_none()
    {
        return Err(no_kind(kind));
    }
    let limit = wanted.limit.unwrap_or(USUAL).min(MOST);
    let (records, dropped, more) = match &namespace.kept {
        None => (Vec::new(), 0, false),
        Some(kept) => kept.with(|held| {
            let behind = held.records.partition_point(|one| one.seq <= wanted.after);
            let meant = held
                .records
                .range(behind..)
                .map(told)
                .filter(|record| kind.is_none() || record["kind"].as_str() == kind.as_deref());
            let mut records: Vec<Value> = meant.take(limit.saturating_add(1)).collect();
            let more = records.len() > limit;
            records.truncate(limit);
            (records, held.dropped, more)
        }),
    };
    let last = records.last().and_then(|record| record["seq"].as_u64());
    Ok(Json(json!({
        "next_after": last.unwrap_or(wanted.after),
        "more": more,
        "records": records,
        "records_dropped": dropped,
    }))
    .into_response())
}

/// There are no records of such a kind.
pub(super) fn no_kind(kind: &str) -> Refusal {
    let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
    Refusal::bad(format!("there are no records of kind `{kind}`"))
        .hint(format!("there are {}", names.join(", ")))
}

/// A record as it stands in a journal.
pub(super) fn told(record: &Record) -> Value {
    serde_json::to_value(record).expect("a record is always JSON")
}

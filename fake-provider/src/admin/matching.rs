//! Which records are meant: by the values of their fields, texts with gaps. A field or a kind that there is not is refused, because
//! "exactly none" would hold for it whatever happens.

use provider_script::pattern::is_whole;
use serde_json::{Map, Value};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Number,
    Flag,
}

use Holds::{Flag, Number, Text};

/// Fields and what they hold.
type Fields = &'static [(&'static str, Holds)];

/// Where a record of any kind belongs.
const PLACE: Fields = &[("run", Number), ("call", Number), ("attempt", Number)];

/// The kinds that a provider records, and what can be asked of each.
pub(super) const KINDS: [(&str, Fields); 10] = [
    (
        "request",
        &[
            ("connection", Number),
            ("method", Text),
            ("path", Text),
            ("model", Text),
            ("streamed", Flag),
            ("credential", Text),
            ("auxiliary", Flag),
            ("messages", Number),
            ("digest", Text),
        ],
    ),
    ("request-refused", &[("rule", Text), ("message", Text)]),
    ("unscripted", &[("what", Text)]),
    (
        "response-started",
        &[
            ("entry", Number),
            ("status", Number),
            ("error.code", Text),
            ("error.retry_after", Text),
            ("error.retry_after_date_ms", Number),
            ("error.retry_after_ms", Text),
            ("error.should_retry", Flag),
        ],
    ),
    (
        "response-ended",
        &[
            ("status", Number),
            ("ended", Text),
            ("bytes", Number),
            ("digest", Text),
            ("said.text", Text),
            ("said.finish", Text),
            ("said.end_marker", Flag),
        ],
    ),
    (
        "fault",
        &[
            ("entry", Number),
            ("point", Text),
            ("action", Text),
            ("outcome", Text),
            ("expected", Text),
            ("observed", Text),
        ],
    ),
    ("connection-opened", &[("connection", Number)]),
    (
        "connection-closed",
        &[
            ("connection", Number),
            ("by", Text),
            ("how", Text),
            ("in_flight", Flag),
        ],
    ),
    ("listener-closed", &[]),
    ("listener-reopened", &[]),
];

/// What can be asked of records of a kind.
pub(super) fn fields_of(kind: &str) -> Option<Fields> {
    let mut kinds = KINDS.iter();
    kinds.find_map(|(name, fields)| (*name == kind).then_some(*fields))
}

/// These, and where the record belongs.
fn there_are(fields: Fields) -> impl Iterator<Item = &'static (&'static str, Holds)> {
    PLACE.iter().chain(fields)
}

impl Holds {
    fn fits(self, value: &Value) -> bool {
        match self {
            Text => value.is_string() || value.is_null(),
            Number => value.is_u64() || value.is_null(),
            Flag => value.is_boolean(),
        }
    }
}

/// What is wrong with a description of records.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    Kind(String),
    Field {
        field: String,
        there_are: Vec<&'static str>,
    },
    Value {
        field: String,
        holds: Holds,
    },
}

/// Which records are meant.
#[derive(Debug, PartialEq)]
pub(super) struct Matching {
    pub(super) kind: String,
    wanted: Vec<(String, Value)>,
}

impl Matching {
    /// Reads a description; requests are meant unless it says what.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, Unclear> {
        let kind = match members.get("kind") {
            None => "request",
            Some(kind) => kind.as_str().ok_or_else(|| Unclear::Value {
                field: "kind".to_owned(),
                holds: Text,
            })?,
        };
        let fields = fields_of(kind).ok_or_else(|| Unclear::Kind(kind.to_owned()))?;
        let others = members.iter().filter(|(name, _)| *name != "kind");
        let wanted = others.map(|(field, value)| {
            let known = there_are(fields).find(|(name, _)| name == field);
            let Some((_, holds)) = known else {
                let there_are = there_are(fields).map(|(name, _)| *name).collect();
                let field = field.clone();
                return Err(Unclear::Field { field, there_are });
            };
            match holds.fits(value) {
                true => Ok((field.clone(), value.clone())),
                false => Err(Unclear::Value {
                    field: field.clone(),
                    holds: *holds,
                }),
            }
        });
        Ok(Self {
            wanted: wanted.collect::<Result<_, _>>()?,
            kind: kind.to_owned(),
        })
    }

    /// Whether a record is meant.
    pub(super) fn means(&self, record: &Value) -> bool {
        record["kind"] == self.kind.as_str()
            && self.wanted.iter().all(|(field, wanted)| {
                let found = field.split('.').fold(record, |value, name| &value[name]);
                match (wanted, found) {
                    (Value::String(pattern), Value::String(text)) => is_whole(pattern, text),
                    (wanted, found) => wanted == found,
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use journal::{Actor, Ended, ErrorSent, FORMAT, Fact, FaultOutcome, How, Record, Said, Side};
    use serde_json::json;

    use super::*;
    use crate::admin::records::told;

    fn record(fact: Fact) -> Value {
        told(&Record {
            format: FORMAT,
            seq: 1,
            t_ns: 0,
            actor: Actor::Provider,
            actor_seq: 1,
            run: Some(1),
            call: Some(2),
            attempt: None,
            fact,
        })
    }

    /// One record of every kind that a provider records, with every member that may be absent.
    fn every_kind() -> Vec<Value> {
        let text = String::new;
        let facts = [
            Fact::Request {
                connection: 1,
                method: text(),
                path: "/v1/chat/completions".into(),
                model: Some("gpt-4o".into()),
                streamed: true,
                credential: text(),
                auxiliary: false,
                messages: 1,
                tool_calls: Vec::new(),
                tool_results: Vec::new(),
                said_before: Vec::new(),
                digest: text(),
            },
            Fact::RequestRefused {
                rule: text(),
                message: text(),
            },
            Fact::Unscripted { what: text() },
            Fact::ResponseStarted {
                entry: Some(0),
                status: 429,
                error: Some(ErrorSent {
                    code: "rate_limit_exceeded".into(),
                    nonce: text(),
                    retry_after: Some("1".into()),
                    retry_after_date_ms: Some(1),
                    retry_after_ms: Some("1".into()),
                    should_retry: Some(true),
                }),
            },
            Fact::ResponseEnded {
                status: Some(200),
                ended: Ended::Complete,
                said: Said {
                    text: "Hello.".into(),
                    finish: Some("stop".into()),
                    ..Said::default()
                },
                bytes: 9,
                digest: text(),
            },
            Fact::Fault {
                entry: 0,
                point: text(),
                action: text(),
                outcome: FaultOutcome::Delivered,
                expected: text(),
                observed: text(),
            },
            Fact::ConnectionOpened { connection: 1 },
            Fact::ConnectionClosed {
                connection: 1,
                by: Side::Target,
                how: How::Fin,
                in_flight: false,
            },
            Fact::ListenerClosed,
            Fact::ListenerReopened,
        ];
        facts.into_iter().map(record).collect()
    }

    #[test]
    fn what_can_be_asked_of_a_kind_is_what_its_records_have() {
        let records = every_kind();
        for ((kind, fields), record) in KINDS.iter().zip(&records) {
            assert_eq!(record["kind"], *kind);
            for (field, holds) in *fields {
                let found = field.split('.').fold(record, |value, name| &value[name]);
                let fits = match holds {
                    Text => found.is_string(),
                    Number => found.is_u64(),
                    Flag => found.is_boolean(),
                };
                assert!(fits, "{kind} {field}: {record}");
            }
        }
    }

    fn means(members: Value, record: &Value) -> bool {
        let members = members.as_object().expect("is an object");
        Matching::read(members).expect("is clear").means(record)
    }

    #[test]
    fn texts_have_gaps_and_everything_named_has_to_hold() {
        let records = every_kind();
        let (request, started, ended) = (&records[0], &records[3], &records[4]);
        assert!(means(json!({}), request) && !means(json!({}), started));
        assert!(means(
            json!({ "path": "/v1/*", "model": "gpt-?o", "run": 1 }),
            request
        ));
        assert!(!means(json!({ "path": "/v1/*", "run": 2 }), request));
        assert!(means(json!({ "attempt": null }), request));
        assert!(means(
            json!({ "kind": "response-started", "status": 429 }),
            started
        ));
        let said =
            json!({ "kind": "response-ended", "said.text": "Hel*", "said.end_marker": false });
        assert!(means(said, ended));
    }

    #[test]
    fn what_could_never_be_is_refused() {
        let read = |members: Value| Matching::read(members.as_object().expect("is an object"));
        assert_eq!(
            read(json!({ "kind": "requests" })),
            Err(Unclear::Kind("requests".into()))
        );
        let unknown = read(json!({ "status": 200 }));
        assert!(matches!(unknown, Err(Unclear::Field { field, .. }) if field == "status"));
        for unfit in [
            json!({ "run": "1" }),
            json!({ "model": 4 }),
            json!({ "streamed": "yes" }),
        ] {
            assert!(matches!(read(unfit), Err(Unclear::Value { .. })));
        }
    }
}

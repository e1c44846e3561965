//! What a request asks for, as far as it decides which recording answers it. Pure.

use serde_json::{Number, Value};

use crate::recording::exchange::RecordedRequest;
use crate::recording::secrets::{is_telling, parameters};

/// Members at the top of a body that clients fill with something else each time: whose request it is, and names of sessions.
pub(crate) const VARYING: [&str; 6] = [
    "client_metadata",
    "metadata",
    "prompt_cache_key",
    "safety_identifier",
    "session_id",
    "user",
];

/// What of a request has to be equal to what was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Match {
    /// Method, path, query and body; of a JSON body neither the order of members, nor white space, nor what clients vary.
    #[default]
    Body,
    /// Method, path and query.
    Path,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// Method and path.
    pub(super) route: String,
    /// Sorted, without keys.
    query: Vec<String>,
    body: Body,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    /// Nobody looks at it.
    Any,
    Json(Value),
    Bytes(Vec<u8>),
}

impl Asked {
    /// Reads a request from which keys were taken out already.
    pub(super) fn read(request: &RecordedRequest, by: Match) -> Self {
        let query = parameters(&request.query).filter(|(name, _)| !is_telling(name));
        let mut query: Vec<_> = query
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        query.sort();
        Self {
            route: format!("{} {}", request.method, request.path),
            query,
            body: match by {
                Match::Path => Body::Any,
                Match::Body => Body::read(&request.body),
            },
        }
    }

    /// Equal for what is asked for equally.
    pub(super) fn key(&self) -> String {
        let body = match &self.body {
            Body::Any => String::new(),
            Body::Json(value) => value.to_string(),
            Body::Bytes(bytes) => format!("{bytes:?}"),
        };
        format!("{}?{}\n{body}", self.route, self.query.join("&"))
    }

    /// Where another request of the same route differs first.
    pub(super) fn difference(&self, other: &Self) -> String {
        match (&self.body, &other.body) {
            _ if self.query != other.query => "in the query".to_owned(),
            (Body::Json(one), Body::Json(other)) => match differs_at(one, other) {
                Some(place) => format!("at {place}"),
                None => "nowhere".to_owned(),
            },
            _ => "in the body".to_owned(),
        }
    }
}

impl Body {
    fn read(bytes: &[u8]) -> Self {
        let Ok(mut value) = serde_json::from_slice(bytes) else {
            return Self::Bytes(bytes.to_vec());
        };
        if let Value::Object(members) = &mut value {
            members.retain(|name, _| !VARYING.contains(&name.as_str()));
        }
        Self::Json(canonical(value))
    }
}

/// Members sorted, and numbers in their shortest form: `1.0` is `1`.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, value)| (name, canonical(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::Number(number) => Value::Number(shortest(number)),
        other => other,
    }
}

fn shortest(number: Number) -> Number {
    /// Every whole number up to here is one float and no other.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if float.fract() == 0.0 && float.abs() <= EXACT => {
            let whole = format!("{float:.0}").parse::<i64>();
            whole.map_or(number, Number::from)
        }
        _ => number,
    }
}

/// The first place where two values differ, as a JSON pointer.
fn differs_at(one: &Value, other: &Value) -> Option<String> {
    let inside = |name: &dyn std::fmt::Display, one: Option<&Value>, other: Option<&Value>| match (
        one, other,
    ) {
        (Some(one), Some(other)) => differs_at(one, other).map(|rest| format!("/{name}{rest}")),
        (None, None) => None,
        _ => Some(format!("/{name}")),
    };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names = one.keys().chain(other.keys());
            names.find_map(|name| inside(name, one.get(name), other.get(name)))
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut indices = 0..one.len().max(other.len());
            indices.find_map(|index| inside(&index, one.get(index), other.get(index)))
        }
        _ if one == other => None,
        _ => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, body: &str) -> Asked {
        let request = RecordedRequest {
            method: "POST".into(),
            path: "/v1/x".into(),
            query: query.into(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        Asked::read(&request, Match::Body)
    }

    #[test]
    fn what_clients_vary_makes_no_difference() {
        let one = asked(
            "alt=sse&key={scrubbed}&a=1",
            r#"{"model":"m","n":1,"user":"u1","metadata":{"user_id":"1"},"messages":[{"a":1,"b":2}]}"#,
        );
        let other = asked(
            "a=1&alt=sse",
            r#"{ "messages": [{"b": 2.0, "a": 1}], "n": 1.0, "model": "m", "user": "u2" }"#,
        );
        assert_eq!(one.key(), other.key());
        assert_eq!(one.difference(&other), "nowhere");
    }

    #[test]
    fn anything_else_does_and_is_named() {
        let one = asked(
            "",
            r#"{"messages":[{"content":"a"},{"content":"b"}],"n":1}"#,
        );
        for (query, body, difference) in [
            (
                "a=1",
                r#"{"messages":[{"content":"a"},{"content":"b"}],"n":1}"#,
                "in the query",
            ),
            (
                "",
                r#"{"messages":[{"content":"a"},{"content":"c"}],"n":1}"#,
                "at /messages/1/content",
            ),
            (
                "",
                r#"{"messages":[{"content":"a"}],"n":1}"#,
                "at /messages/1",
            ),
            (
                "",
                r#"{"messages":[{"content":"a"},{"content":"b"}],"n":1.5}"#,
                "at /n",
            ),
            (
                "",
                r#"{"messages":[{"content":"a"},{"content":"b"}]}"#,
                "at /n",
            ),
            ("", "text", "in the body"),
        ] {
            let other = asked(query, body);
            assert_ne!(one.key(), other.key(), "{body}");
            assert_eq!(one.difference(&other), difference, "{body}");
        }
    }

    #[test]
    fn by_path_no_body_matters() {
        let read = |body: &[u8]| {
            let request = RecordedRequest {
                body: body.to_vec(),
                ..RecordedRequest::default()
            };
            Asked::read(&request, Match::Path).key()
        };
        assert_eq!(read(b"{}"), read(b"anything"));
    }
}

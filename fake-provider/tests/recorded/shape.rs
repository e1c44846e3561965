//! What remains of JSON when its content is taken away: its fields, their types, and the words that a protocol fixes.

use serde_json::Value;

/// Fields whose value is part of the protocol.
const FIXED: [&str; 12] = [
    "object",
    "role",
    "type",
    "finish_reason",
    "stop_reason",
    "code",
    "param",
    "index",
    "status",
    "finishReason",
    "blockReason",
    "@type",
];

/// Every leaf with its path and what it is, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) fields: Vec<(String, String)>,
}

impl Shape {
    pub(crate) fn of(value: &Value) -> Self {
        let mut fields = Vec::new();
        walk(value, "", &mut fields);
        Self { fields }
    }

    /// What a field is, or `absent`.
    pub(crate) fn field(&self, path: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == path);
        found.map_or("absent", |(_, what)| what)
    }
}

fn walk(value: &Value, path: &str, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let dot = if path.is_empty() { "" } else { "." };
            for (name, member) in members {
                walk(member, &format!("{path}{dot}{name}"), fields);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                walk(item, &format!("{path}[]"), fields);
            }
        }
        leaf => fields.push((path.to_owned(), what(leaf, path))),
    }
}

fn what(leaf: &Value, path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or_default();
    let what = match leaf {
        Value::String(_) | Value::Number(_) if FIXED.contains(&name) => return leaf.to_string(),
        Value::String(text) if text.is_empty() => "empty string",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
        Value::Array(_) => "empty array",
        Value::Object(_) => "empty object",
    };
    what.to_owned()
}

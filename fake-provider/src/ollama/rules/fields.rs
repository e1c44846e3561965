//! JSON read into a struct by Go's `encoding/json`: which type a field has, and what is said when it has another. Knows no
//! field by name.

use crate::json::Value;
use crate::protocol::Violation;

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Integer,
    Number,
    Array,
    /// A `map[string]any`.
    Map,
}

/// An object that is read into a struct.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) value: &'a Value<'a>,
    /// The struct of the whole request, and the path from there, as Go tells them.
    path: String,
}

impl<'a> Fields<'a> {
    /// The whole request.
    pub(super) fn of(value: &'a Value, request: &str) -> Result<Self, Violation> {
        match value {
            Value::Object(_) | Value::Null => Ok(Self {
                value,
                path: request.to_owned(),
            }),
            other => {
                let message = format!(
                    "json: cannot unmarshal {} into Go value of type api.{request}",
                    name(other)
                );
                Err(Violation::new("wrong-type", message))
            }
        }
    }

    /// The object in a field.
    pub(super) fn inside(&self, field: &str, kind: &str) -> Result<Self, Violation> {
        let value = &self.value[field];
        match value {
            Value::Object(_) | Value::Null => Ok(Self {
                value,
                path: format!("{}.{field}", self.path),
            }),
            other => Err(self.wrong(field, other, kind)),
        }
    }

    /// The objects in a list.
    pub(super) fn each(&self, field: &str, kind: &str) -> Result<Vec<Self>, Violation> {
        let items = self.value[field].as_array().into_iter().flatten();
        let read = items.map(|value| match value {
            Value::Object(_) | Value::Null => Ok(Self {
                value,
                path: format!("{}.{field}", self.path),
            }),
            other => Err(self.wrong(field, other, kind)),
        });
        read.collect()
    }

    /// Whether fields have their types. One that is absent or null keeps its zero value.
    pub(super) fn check(&self, fields: &[(&str, Kind)]) -> Result<(), Violation> {
        for (field, kind) in fields {
            let value = &self.value[*field];
            let (fits, go) = match kind {
                Kind::Text => (value.is_string(), "string"),
                Kind::Bool => (value.is_boolean(), "bool"),
                Kind::Integer => (value.is_integer(), "int"),
                Kind::Number => (value.is_number(), "float64"),
                Kind::Array => (value.is_array(), "[]json.RawMessage"),
                Kind::Map => (value.is_object(), "map[string]interface {}"),
            };
            if !fits && !value.is_null() {
                return Err(self.wrong(field, value, go));
            }
        }
        Ok(())
    }

    /// A list of strings.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<&'a str>, Violation> {
        let items = self.value[field].as_array().into_iter().flatten();
        let read = items.map(|item| match item {
            Value::String(text) => Ok(&**text),
            other => Err(self.wrong(field, other, "string")),
        });
        read.collect()
    }

    /// A field that has another type than Go's.
    pub(super) fn wrong(&self, field: &str, got: &Value, go: &str) -> Violation {
        let message = format!(
            "json: cannot unmarshal {} into Go struct field {}.{field} of type {go}",
            name(got),
            self.path
        );
        Violation::new("wrong-type", message)
    }
}

/// As `UnmarshalTypeError` calls a value.
fn name(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(number) if number.is_f64() => format!("number {number}"),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) => "array".into(),
        Value::Object(_) => "object".into(),
    }
}

//! A document as a tree of values with their places, in which wrong values can be replaced by holes.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Bytes of the file; of a table under a header, those of the header.
    pub(super) span: Range<usize>,
    /// What is written there.
    pub(super) kind: Kind,
}

/// The kinds of values.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    String(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Datetime(String),
    Array(Vec<Node>),
    Table(Vec<Field>),
    /// Something was wrong here and has been told. Can be read as anything.
    Hole,
}

/// A key of a table and its value.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: Node,
}

impl Node {
    /// Something that can be read as anything.
    pub(super) const fn hole(span: Range<usize>) -> Self {
        Self {
            span,
            kind: Kind::Hole,
        }
    }

    /// The tree of a parsed document.
    pub(super) fn of_document(document: &Spanned<DeTable<'_>>) -> Self {
        Self {
            span: document.span(),
            kind: Kind::Table(fields(document.get_ref())),
        }
    }

    /// Drops the top-level keys that are not wanted.
    pub(super) fn retain_keys(&mut self, wanted: impl Fn(&str) -> bool) {
        if let Kind::Table(fields) = &mut self.kind {
            fields.retain(|field| wanted(&field.key));
        }
    }
}

fn fields(table: &DeTable<'_>) -> Vec<Field> {
    table
        .iter()
        .map(|(key, value)| Field {
            key: key.get_ref().to_string(),
            key_span: key.span(),
            value: node(value),
        })
        .collect()
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::String(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or(Kind::Integer(i128::MAX), Kind::Integer),
        DeValue::Float(number) => Kind::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Kind::Boolean(*truth),
        DeValue::Datetime(datetime) => Kind::Datetime(datetime.to_string()),
        DeValue::Array(items) => Kind::Array(items.iter().map(node).collect()),
        DeValue::Table(table) => Kind::Table(fields(table)),
    };
    Node {
        span: value.span(),
        kind,
    }
}

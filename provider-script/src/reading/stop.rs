//! Why a deserialiser stopped, in the words of the person who wrote the file, and what lets it go on.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::path::Segment;
use super::suggestion::suggestion;

/// Why reading stopped.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) repair: Repair,
    /// The way to the value, its end first.
    way: Vec<Segment>,
}

/// What lets the reading go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Repair {
    /// The value becomes a hole.
    Value,
    /// The key is read as the one that was probably meant, so that what is wrong in its value is told as well; it goes
    /// where none was meant, or where that one is given too.
    Key(Option<&'static str>),
    /// The table gets this key.
    Add(&'static str),
}

impl Stop {
    fn new(message: String, repair: Repair) -> Self {
        Self {
            message,
            help: None,
            repair,
            way: Vec::new(),
        }
    }

    /// The value that was expected is one of these.
    pub(super) fn not_one_of(found: &Unexpected<'_>, allowed: &[&str]) -> Self {
        let mut stop = Self::new(
            format!("expected one of the words below, found {}", describe(found)),
            Repair::Value,
        );
        stop.help = Some(format!("one of: {}", listed(allowed)));
        stop
    }

    /// The stop, one level further out.
    pub(super) fn within(mut self, segment: Segment) -> Self {
        self.way.push(segment);
        self
    }

    /// The stop, at a key.
    pub(super) fn at_key(mut self, index: usize) -> Self {
        if !matches!(self.repair, Repair::Key(_)) {
            self.repair = Repair::Key(None);
        }
        self.within(Segment::Key(index))
    }

    /// The way from the root.
    pub(super) fn path(&self) -> Vec<Segment> {
        self.way.iter().rev().copied().collect()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), Repair::Value)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let message = format!(
            "expected {}, found {}",
            wanted(&expected.to_string()),
            describe(&found)
        );
        Self::new(message, Repair::Value)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, allowed: &'static [&'static str]) -> Self {
        let mut stop = Self::new(format!("unknown word `{variant}`"), Repair::Value);
        stop.help = Some(help(variant, allowed));
        stop
    }

    fn unknown_field(field: &str, allowed: &'static [&'static str]) -> Self {
        let repair = Repair::Key(suggestion(field, allowed));
        let mut stop = Self::new(format!("unknown key `{field}`"), repair);
        stop.help = Some(help(field, allowed));
        stop
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing key `{field}`"), Repair::Add(field))
    }
}

fn listed(allowed: &[&str]) -> String {
    allowed.join(", ")
}

fn help(given: &str, allowed: &[&str]) -> String {
    match suggestion(given, allowed) {
        Some(meant) => format!("did you mean `{meant}`? possible are: {}", listed(allowed)),
        None => format!("possible are: {}", listed(allowed)),
    }
}

/// What serde calls an expectation, in the words of the file.
fn wanted(expected: &str) -> String {
    match expected {
        "u8" => format!("a whole number from 0 to {}", u8::MAX),
        "u16" => format!("a whole number from 0 to {}", u16::MAX),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" | "usize" => "a whole number from 0 on".to_owned(),
        "a nonzero u16" => format!("a whole number from 1 to {}", u16::MAX),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" | "path string" => "text in quotes".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}

fn describe(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number:?}"),
        Unexpected::Str(text) => format!("the text \"{text}\""),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a table".to_owned(),
        other => numeral(&other.to_string()),
    }
}

/// Numbers beyond 64 bits are told by serde with their type, which nobody wrote.
fn numeral(found: &str) -> String {
    let digits = found
        .strip_prefix("integer `")
        .and_then(|rest| rest.split_once('`'));
    digits.map_or_else(
        || found.to_owned(),
        |(digits, _)| format!("the number {digits}"),
    )
}

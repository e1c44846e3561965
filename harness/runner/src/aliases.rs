//! Names for what only the machine decides, so that journals of the same seed are the same. Knows no fact and no file.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;
use serde_json::Value;

/// Real values and the names that stand for them. Grows while a case runs.
#[derive(Debug, Default)]
pub(crate) struct Aliases {
    /// Longest first, so that a value is never replaced inside a longer one.
    pairs: Mutex<Vec<Pair>>,
}

#[derive(Debug)]
struct Pair {
    real: String,
    alias: String,
    /// Looks for `real`. Every record of a case is searched, so this is not made anew each time.
    finder: Finder<'static>,
}

impl Pair {
    fn occurs_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }
}

impl Aliases {
    /// From now on `alias` stands for `real`. An empty value stands for nothing, and the first alias of a value stays.
    pub(crate) fn add(&self, real: impl Into<String>, alias: impl Into<String>) {
        let real = real.into();
        let mut pairs = self.lock();
        if real.is_empty() || pairs.iter().any(|known| known.real == real) {
            return;
        }
        let place = pairs.partition_point(|known| known.real.len() >= real.len());
        let pair = Pair {
            finder: Finder::new(&real).into_owned(),
            real,
            alias: alias.into(),
        };
        pairs.insert(place, pair);
    }

    /// The text with every real value replaced.
    pub(crate) fn apply(&self, text: &str) -> String {
        let pairs = self.lock();
        let mut text = text.to_owned();
        for pair in pairs.iter() {
            if pair.occurs_in(&text) {
                text = replaced(&text, &pair.real, &pair.alias);
            }
        }
        text
    }

    /// Replaces every real value in every string of a JSON value, keys of objects excepted.
    pub(crate) fn apply_to(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.apply(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply_to(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.apply_to(field)),
            _ => {}
        }
    }

    /// Whether any real value occurs in the text.
    pub(crate) fn occur_in(&self, text: &str) -> bool {
        self.lock().iter().any(|pair| pair.occurs_in(text))
    }

    /// Every pair, for the part of the record that is about this machine.
    pub(crate) fn table(&self) -> Vec<(String, String)> {
        let pairs = self.lock();
        pairs
            .iter()
            .map(|pair| (pair.real.clone(), pair.alias.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pair>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces `real`, except where it ends with a digit and more digits follow: port 4000 is not the beginning of 40001.
fn replaced(text: &str, real: &str, alias: &str) -> String {
    let numeric = real.ends_with(|last: char| last.is_ascii_digit());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(real) {
        let (before, after) = (&rest[..at], &rest[at + real.len()..]);
        let goes_on = numeric && after.starts_with(|next: char| next.is_ascii_digit());
        out.push_str(before);
        out.push_str(if goes_on { real } else { alias });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_value_wins_and_ports_are_whole_numbers() {
        let aliases = Aliases::default();
        aliases.add("127.0.0.1:4000", "{address}");
        aliases.add("http://127.0.0.1:4000/v1", "{provider}");
        aliases.add("", "nothing");
        assert_eq!(
            aliases.apply("http://127.0.0.1:4000/v1 127.0.0.1:4000. 127.0.0.1:40001"),
            "{provider} {address}. 127.0.0.1:40001"
        );
    }

    #[test]
    fn every_string_of_a_value_is_replaced() {
        let aliases = Aliases::default();
        aliases.add("/tmp/x", "{home}");
        let mut value = serde_json::json!({ "a": ["/tmp/x/b", 1], "c": { "d": "/tmp/x" } });
        aliases.apply_to(&mut value);
        assert_eq!(
            value,
            serde_json::json!({ "a": ["{home}/b", 1], "c": { "d": "{home}" } })
        );
    }
}

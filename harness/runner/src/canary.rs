//! The key that must never be seen again: drawn from the seed, searched for in every form it may take. Knows no file.

use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem::Finder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// A key given to the target, and every form in which it could leave.
#[derive(Debug)]
pub(crate) struct Canary {
    /// What stands for it in the journal.
    pub(crate) alias: &'static str,
    /// The key itself.
    pub(crate) key: String,
    forms: Vec<Form>,
}

#[derive(Debug)]
struct Form {
    name: &'static str,
    text: String,
    finder: Finder<'static>,
}

impl Canary {
    /// The provider key of a case: looks random, and is the same for the same seed.
    pub(crate) fn provider_key(seed: u64) -> Self {
        Self::new("canary-1", format!("sk-bo-{}", drawn("provider", seed)))
    }

    /// The key that clients of the target's gateway present.
    pub(crate) fn gateway_key(seed: u64) -> Self {
        Self::new("gateway-key", format!("gw-bo-{}", drawn("gateway", seed)))
    }

    fn new(alias: &'static str, key: String) -> Self {
        let mut forms: Vec<Form> = Vec::new();
        for (name, text) in spellings(&key) {
            if forms.iter().all(|form| form.text != text) {
                let finder = Finder::new(text.as_bytes()).into_owned();
                forms.push(Form { name, text, finder });
            }
        }
        Self { alias, key, forms }
    }

    /// The first form in which the key occurs: `raw`, `base64`, `url` or `json`.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let found = self
            .forms
            .iter()
            .find(|form| form.finder.find(bytes).is_some());
        found.map(|form| form.name)
    }

    /// Every spelling with the alias that replaces it in a journal.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (String, String)> {
        self.forms.iter().map(|form| {
            let alias = match form.name {
                "raw" => self.alias.to_owned(),
                name => format!("{} as {name}", self.alias),
            };
            (form.text.clone(), alias)
        })
    }

    /// Bytes of the longest form: what has to be kept of a text that arrives in pieces.
    pub(crate) fn longest(&self) -> usize {
        self.forms
            .iter()
            .map(|form| form.text.len())
            .max()
            .unwrap_or(0)
    }
}

fn drawn(purpose: &str, seed: u64) -> String {
    let digest = Sha256::digest(format!("brownout canary {purpose} {seed}"));
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn spellings(key: &str) -> Vec<(&'static str, String)> {
    let url = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
    let json: String = key.chars().map(json_escaped).collect();
    let mut spellings = vec![
        ("raw", key.to_owned()),
        ("url", url.to_ascii_lowercase()),
        ("url", url),
        ("json", json),
    ];
    for engine in [&STANDARD, &URL_SAFE] {
        spellings.extend((0..3).map(|before| ("base64", in_base64(engine, key, before))));
    }
    spellings
}

fn json_escaped(c: char) -> String {
    if c.is_ascii_alphanumeric() {
        c.to_string()
    } else {
        format!("\\u{:04x}", u32::from(c))
    }
}

/// What is certain to be seen of `key` in base64 when `before` other bytes (modulo 3) stand before it: the characters at the
/// edges also carry bits of the neighbours.
fn in_base64(engine: &impl base64::Engine, key: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(key.as_bytes());
    let whole = bytes.len() * 8 / 6;
    let first = (before * 8).div_ceil(6);
    engine
        .encode(&bytes)
        .chars()
        .take(whole)
        .skip(first)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    #[test]
    fn is_the_same_for_the_same_seed_and_no_other() {
        assert_eq!(Canary::provider_key(7).key, Canary::provider_key(7).key);
        assert_ne!(Canary::provider_key(7).key, Canary::provider_key(8).key);
        assert_ne!(Canary::provider_key(7).key, Canary::gateway_key(7).key);
    }

    #[test]
    fn is_found_in_every_form_at_every_alignment() {
        let canary = Canary::provider_key(1);
        let key = &canary.key;
        assert_eq!(canary.found_in(format!("x{key}y").as_bytes()), Some("raw"));
        let around = (0..6).flat_map(|before| (0..3).map(move |after| (before, after)));
        for (before, after) in around {
            let text = format!("{}{key}{}", "q".repeat(before), "z".repeat(after));
            let standard = STANDARD.encode(&text);
            assert_eq!(
                canary.found_in(standard.as_bytes()),
                Some("base64"),
                "{text}"
            );
            let url_safe = URL_SAFE.encode(&text);
            assert_eq!(
                canary.found_in(url_safe.as_bytes()),
                Some("base64"),
                "{text}"
            );
        }
        let url = key.replace('-', "%2D");
        assert_eq!(canary.found_in(url.as_bytes()), Some("url"));
        assert_eq!(
            canary.found_in(key.replace('-', "%2d").as_bytes()),
            Some("url")
        );
        assert_eq!(
            canary.found_in(key.replace('-', "\\u002d").as_bytes()),
            Some("json")
        );
        assert_eq!(canary.found_in(&key.as_bytes()[1..]), None);
    }
}

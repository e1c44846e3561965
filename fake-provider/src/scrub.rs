//! Keeps keys and this machine's own values out of everything that is recorded.

use std::net::SocketAddr;

use sha2::{Digest, Sha256};

use crate::json::Value;
use crate::options::ProviderOptions;

/// Tool results are recorded up to so many bytes.
const SHOWN: usize = 512;

/// What is replaced by what, longest first.
#[derive(Debug, Default)]
pub(crate) struct Scrub {
    replaced: Vec<(String, String)>,
}

impl Scrub {
    pub(crate) fn new(options: &ProviderOptions, address: Option<SocketAddr>) -> Self {
        let keys = options
            .credentials
            .iter()
            .map(|known| (known.key.clone(), known.alias.clone()));
        let own = address.map(|address| (address.to_string(), "{provider}".to_owned()));
        let all = keys.chain(options.aliases.iter().cloned()).chain(own);
        let mut replaced: Vec<_> = all.filter(|(value, _)| !value.is_empty()).collect();
        replaced.sort_by(|one, other| other.0.len().cmp(&one.0.len()).then_with(|| one.cmp(other)));
        Self { replaced }
    }

    /// The text without anything that may not be recorded.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut scrubbed = text.to_owned();
        for (value, alias) in &self.replaced {
            if scrubbed.contains(value.as_str()) {
                scrubbed = scrubbed.replace(value.as_str(), alias);
            }
        }
        scrubbed
    }

    /// The same, shortened.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        let mut scrubbed = self.text(text);
        if scrubbed.len() > SHOWN {
            scrubbed.truncate(scrubbed.floor_char_boundary(SHOWN));
            scrubbed.push('…');
        }
        scrubbed
    }

    /// SHA-256 in hex of bytes on the wire.
    pub(crate) fn digest(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let dirty = self
            .replaced
            .iter()
            .any(|(value, _)| text.contains(value.as_str()));
        match dirty {
            true => hex(self.text(&text).as_bytes()),
            false => hex(bytes),
        }
    }

    /// SHA-256 in hex of a JSON value, whatever the order of its members.
    pub(crate) fn digest_of(&self, value: &Value) -> String {
        let mut canonical = String::new();
        write_sorted(value, &mut canonical);
        hex(self.text(&canonical).as_bytes())
    }
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                out.push_str(name);
                out.push(':');
                write_sorted(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_sorted(item, out);
                out.push(',');
            }
            out.push(']');
        }
        // Strings stay readable, so that what is replaced in them is found.
        Value::String(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;
    use crate::options::Credential;

    fn scrub(home: &str) -> Scrub {
        let options = ProviderOptions {
            credentials: vec![Credential {
                alias: "canary-1".into(),
                key: "sk-secret".into(),
            }],
            aliases: vec![(home.into(), "{home}".into())],
            ..ProviderOptions::default()
        };
        Scrub::new(&options, "127.0.0.1:4321".parse().ok())
    }

    #[test]
    fn digests_do_not_depend_on_the_machine_or_the_order_of_members() {
        let one = json!({"b": "/tmp/x1/file on 127.0.0.1:4321", "a": "sk-secret"});
        let other = json!({"a": "sk-secret", "b": "/home/y/file on 127.0.0.1:4321"});
        assert_eq!(
            scrub("/tmp/x1").digest_of(&one),
            scrub("/home/y").digest_of(&other)
        );
        assert_ne!(
            scrub("/tmp/x1").digest_of(&one),
            scrub("/tmp/x1").digest_of(&other)
        );
    }

    #[test]
    fn an_excerpt_is_bounded_and_without_keys() {
        let excerpt = scrub("/h").excerpt(&format!("sk-secret{}", "é".repeat(600)));
        assert!(excerpt.starts_with("canary-1é") && excerpt.len() < 520);
    }
}

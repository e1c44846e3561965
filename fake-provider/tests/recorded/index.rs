//! The recorded exchanges and what is told of each. Knows nothing of what is in them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

/// A recorded exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) file: String,
    kind: Kind,
    pub(crate) source: String,
    pub(crate) path: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) release: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) asked: String,
    pub(crate) status: u16,
    /// Whether the request asked for the usage of its stream.
    pub(crate) usage: bool,
    pub(crate) scrubbed: String,
    #[serde(default)]
    headers: Vec<String>,
    /// Whether `headers` are all.
    #[serde(default)]
    pub(crate) all: bool,
    #[serde(skip)]
    pub(crate) body: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Recorded,
    Documented,
}

impl Exchange {
    pub(crate) fn is_recorded(&self) -> bool {
        self.kind == Kind::Recorded
    }

    pub(crate) fn is_stream(&self) -> bool {
        [".sse", ".ndjson"]
            .iter()
            .any(|end| self.file.ends_with(end))
    }

    /// Names in lower case, and values.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let split = self.headers.iter().map(|header| {
            let (name, value) = header.split_once(": ").expect("is a header");
            (name.to_ascii_lowercase(), value.to_owned())
        });
        split.collect()
    }
}

#[derive(Deserialize)]
struct Index {
    exchange: Vec<Exchange>,
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("recorded")
        .join(name)
}

/// All exchanges of a folder, with their bodies.
pub(crate) fn exchanges(name: &str) -> Vec<Exchange> {
    let index = std::fs::read_to_string(folder(name).join("index.toml")).expect("has an index");
    let index: Index = toml::from_str(&index).expect("is an index");
    let read = index.exchange.into_iter().map(|exchange| {
        let body = std::fs::read_to_string(folder(name).join(&exchange.file)).expect("is stored");
        Exchange { body, ..exchange }
    });
    read.collect()
}

/// The files that are stored beside the index.
pub(crate) fn files(name: &str) -> BTreeSet<String> {
    let stored = std::fs::read_dir(folder(name)).expect("is a folder");
    let names = stored.map(|entry| entry.expect("is an entry").file_name());
    let names = names.map(|name| name.into_string().expect("is text"));
    names.filter(|name| name != "index.toml").collect()
}

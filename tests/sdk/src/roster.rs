//! Which client libraries there are, in which version, and what each of them can be asked. Knows no check and no fault.
//!
//! Versions are written in the files that are installed from, and nowhere else.

use std::sync::LazyLock;

use serde_json::Value;

const PACKAGE_JSON: &str = include_str!("../node/package.json");
const CARGO_LOCK: &str = include_str!("../../../Cargo.lock");

/// A protocol, by the name that it has everywhere here.
pub(crate) type Dialect = &'static str;

/// OpenAI Chat Completions.
pub(crate) const CHAT: Dialect = "openai-chat";
/// OpenAI Responses.
pub(crate) const RESPONSES: Dialect = "openai-responses";
/// Anthropic Messages.
pub(crate) const MESSAGES: Dialect = "anthropic-messages";
/// Gemini `generateContent`.
pub(crate) const GEMINI: Dialect = "gemini";
/// Ollama's own API.
pub(crate) const OLLAMA: Dialect = "ollama";

/// The dialects that send a tool's arguments in parts.
pub(crate) const ANSWERS_IN_EVENTS: &[Dialect] = &[CHAT, RESPONSES, MESSAGES];

/// Whose habits a client has: what it calls its exceptions and why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Openai,
    Anthropic,
    Genai,
    Litellm,
    Ai,
    AsyncOpenai,
}

/// What a client is installed with, and its files there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// A virtual environment, the package in it, and what it is installed from.
    Python {
        folder: &'static str,
        package: &'static str,
        requirements: &'static str,
    },
    /// The one folder of Node packages, and the package's name there.
    Node { package: &'static str },
    /// Compiled into this program.
    Rust { package: &'static str },
}

/// A client library in one version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    /// Its name in commands: `openai-python-3`.
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    pub(crate) home: Home,
    /// The driver's module for it, and the variant that the module is told.
    pub(crate) module: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) lanes: &'static [Lane],
}

/// A dialect that a client speaks, and the ways in which it can be asked there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lane {
    pub(crate) dialect: Dialect,
    pub(crate) modes: &'static [&'static str],
}

const SIX: &[&str] = &[
    "whole",
    "streamed",
    "helper",
    "async-whole",
    "async-streamed",
    "async-helper",
];
const FOUR: &[&str] = &["whole", "streamed", "async-whole", "async-streamed"];
const THREE: &[&str] = &["whole", "streamed", "helper"];
const TEXT_STREAM: &[&str] = &["whole", "streamed", "text-stream"];
const TWO: &[&str] = &["whole", "streamed"];

const fn lane(dialect: Dialect, modes: &'static [&'static str]) -> Lane {
    Lane { dialect, modes }
}

const PYTHON_OPENAI: &[Lane] = &[lane(CHAT, SIX), lane(RESPONSES, SIX)];
const PYTHON_ANTHROPIC: &[Lane] = &[lane(MESSAGES, SIX)];
const NODE_OPENAI: &[Lane] = &[lane(CHAT, THREE), lane(RESPONSES, THREE)];
const NODE_ANTHROPIC: &[Lane] = &[lane(MESSAGES, THREE)];
const LITELLM: &[Lane] = &[
    lane(CHAT, SIX),
    lane(RESPONSES, FOUR),
    lane(MESSAGES, FOUR),
    lane(GEMINI, FOUR),
    lane(OLLAMA, FOUR),
];
const AI: &[Lane] = &[
    lane(CHAT, TEXT_STREAM),
    lane(RESPONSES, TEXT_STREAM),
    lane(MESSAGES, TEXT_STREAM),
    lane(GEMINI, TEXT_STREAM),
];

macro_rules! python {
    ($name:literal, $family:ident, $folder:literal, $package:literal, $module:literal, $lanes:expr) => {
        Client {
            name: $name,
            family: Family::$family,
            home: Home::Python {
                folder: $folder,
                package: $package,
                requirements: include_str!(concat!("../python/", $folder, ".txt")),
            },
            module: $module,
            variant: "",
            lanes: $lanes,
        }
    };
}

const fn node(
    (name, package): (&'static str, &'static str),
    family: Family,
    (module, variant): (&'static str, &'static str),
    lanes: &'static [Lane],
) -> Client {
    Client {
        name,
        family,
        home: Home::Node { package },
        module,
        variant,
        lanes,
    }
}

/// Every client, in the order of the report.
pub(crate) const CLIENTS: [Client; 13] = [
    python!(
        "openai-python-3",
        Openai,
        "openai-3",
        "openai",
        "openai",
        PYTHON_OPENAI
    ),
    python!(
        "openai-python-2",
        Openai,
        "openai-2",
        "openai",
        "openai",
        PYTHON_OPENAI
    ),
    node(
        ("openai-node-7", "openai-7"),
        Family::Openai,
        ("openai", "7"),
        NODE_OPENAI,
    ),
    node(
        ("openai-node-6", "openai-6"),
        Family::Openai,
        ("openai", "6"),
        NODE_OPENAI,
    ),
    Client {
        name: "async-openai",
        family: Family::AsyncOpenai,
        home: Home::Rust {
            package: "async-openai",
        },
        module: "",
        variant: "",
        lanes: &[lane(CHAT, TWO), lane(RESPONSES, TWO)],
    },
    python!(
        "anthropic-python-2",
        Anthropic,
        "anthropic-2",
        "anthropic",
        "anthropic",
        PYTHON_ANTHROPIC
    ),
    python!(
        "anthropic-python-1",
        Anthropic,
        "anthropic-1",
        "anthropic",
        "anthropic",
        PYTHON_ANTHROPIC
    ),
    node(
        ("anthropic-node-1", "anthropic-1"),
        Family::Anthropic,
        ("anthropic", "1"),
        NODE_ANTHROPIC,
    ),
    node(
        ("anthropic-node-0", "anthropic-0"),
        Family::Anthropic,
        ("anthropic", "0"),
        NODE_ANTHROPIC,
    ),
    python!(
        "google-genai",
        Genai,
        "google-genai",
        "google-genai",
        "genai",
        &[lane(GEMINI, FOUR)]
    ),
    python!("litellm", Litellm, "litellm", "litellm", "litellm", LITELLM),
    node(("ai-sdk", "ai"), Family::Ai, ("ai", ""), AI),
    node(
        ("ai-sdk-compatible", "@ai-sdk/openai-compatible"),
        Family::Ai,
        ("ai", "compatible"),
        &[lane(CHAT, TEXT_STREAM)],
    ),
];

impl Client {
    /// Its package and version: `openai 3.51.0 for Python`.
    pub(crate) fn title(&self) -> String {
        match self.home {
            Home::Python { package, .. } => format!("{package} {} for Python", self.version()),
            Home::Rust { package } => format!("{package} {} for Rust", self.version()),
            Home::Node { package } => {
                let name = match package.split_once('-') {
                    Some(("openai", _)) => "openai",
                    Some(("anthropic", _)) => "@anthropic-ai/sdk",
                    _ => package,
                };
                format!("{name} {} for Node", self.version())
            }
        }
    }

    /// The documented option by which it speaks HTTP/2 over TLS.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub(crate) const fn http2(&self) -> Result<&'static str, &'static str> {
        match (self.family, self.home) {
            (Family::Openai | Family::Anthropic, Home::Python { .. }) => {
                Ok("`DefaultHttpxClient(http2=True)`")
            }
            (Family::Openai | Family::Anthropic, _) => {
                Ok("`fetchOptions: { dispatcher: new Agent({ allowH2: true }) }` of undici")
            }
            (Family::Genai, _) => Ok("`HttpOptions(client_args={\"http2\": True})`"),
            (Family::Ai, _) => Ok("`fetch` with undici's `Agent({ allowH2: true })`"),
            (Family::AsyncOpenai, _) => Ok("what `reqwest` does by itself"),
            (Family::Litellm, _) => Err("it has no option for it"),
        }
    }

    /// The version that is installed.
    pub(crate) fn version(&self) -> String {
        let found = match self.home {
            Home::Python {
                package,
                requirements,
                ..
            } => requirements
                .lines()
                .find_map(|line| line.strip_prefix(package)?.strip_prefix("==")),
            Home::Node { package } => node_version(package),
            Home::Rust { package } => CARGO_LOCK
                .split_once(&format!("name = \"{package}\"\nversion = \""))
                .and_then(|(_, rest)| rest.split('"').next()),
        };
        found
            .expect("what is installed has its version written down")
            .to_owned()
    }
}

/// The version of a Node package as it is installed.
pub(crate) fn node_version(package: &str) -> Option<&'static str> {
    static PACKAGES: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(PACKAGE_JSON).expect("the packages are written down as JSON")
    });
    let written = PACKAGES["dependencies"][package].as_str()?;
    // An alias names the package before its version.
    Some(written.rsplit('@').next().unwrap_or(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_has_one_version() {
        for client in &CLIENTS {
            let version = client.version();
            assert!(
                version.starts_with(|first: char| first.is_ascii_digit()),
                "{}: {version}",
                client.name
            );
        }
        assert_eq!(CLIENTS[0].title(), "openai 3.51.0 for Python");
        assert!(CLIENTS[8].title().starts_with("@anthropic-ai/sdk 0."));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = CLIENTS.iter().map(|client| client.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CLIENTS.len());
    }
}

//! A scenario that makes sense.

use std::path::PathBuf;

use provider_script::Script;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::expectation::Expectation;
use crate::places::Places;
use crate::plan::Waiver;
use crate::step::Step;

/// A scenario file, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its path below the folder that was given, without `.toml`: `stream/cut-in-tool-arguments`.
    pub name: String,
    /// The file, as it was named.
    pub file: PathBuf,
    /// A sentence that could be false.
    pub title: String,
    /// Where this really happened.
    pub source: Vec<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// What a target must be able to do, derived and said.
    pub needs: Vec<Need>,
    /// The dialects it is written for; every one, where it names none.
    pub dialects: Vec<Dialect>,
    /// What the provider says.
    pub script: Script,
    /// Where its parts stand that may not be possible everywhere.
    pub places: Places,
    /// What the user does.
    pub steps: Vec<Step>,
    /// What must be true.
    pub expectations: Vec<Expectation>,
    /// Which invariants do not apply, and why.
    pub waivers: Vec<Waiver>,
}

impl Scenario {
    /// What a target that can do this lacks, with replies streamed or not; nothing if the scenario makes sense with it.
    #[must_use]
    pub fn lacks(&self, supports: &[Need], streamed: bool) -> Vec<Need> {
        let has = |need: Need| match need {
            Need::Streamed => streamed,
            need => supports.contains(&need),
        };
        let needs = self.needs.iter().copied();
        needs.filter(|need| !has(*need)).collect()
    }
}

/// Something that a target must be able to do for a scenario to make sense with it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Need {
    /// Runs can be stopped.
    #[serde(rename = "stop")]
    Stop,
    /// Events can be left and listened to again.
    #[serde(rename = "reconnect")]
    Reconnect,
    /// Several turns can be given to one living target.
    #[serde(rename = "turns")]
    Turns,
    /// Several turns can go on at the same time.
    #[serde(rename = "concurrent")]
    Concurrent,
    /// Text can be seen while it arrives.
    #[serde(rename = "events")]
    Events,
    /// The `effect` tool.
    #[serde(rename = "tool:effect")]
    ToolEffect,
    /// The `list` tool.
    #[serde(rename = "tool:list")]
    ToolList,
    /// The `read` tool.
    #[serde(rename = "tool:read")]
    ToolRead,
    /// Time is simulated.
    #[serde(rename = "virtual")]
    Virtual,
    /// The target is a process of its own.
    #[serde(rename = "process")]
    Process,
    /// The target is an interactive prompt.
    #[serde(rename = "prompt")]
    Prompt,
    /// Replies are streamed.
    #[serde(rename = "streamed")]
    Streamed,
    /// The target summarises through an auxiliary client.
    #[serde(rename = "compaction")]
    Compaction,
    /// The provider can be spoken to over TLS, and an authority that is made for the case is trusted.
    #[serde(rename = "tls")]
    Tls,
    /// The provider can be spoken to over HTTP/2, which is chosen in the TLS handshake.
    #[serde(rename = "http2")]
    Http2,
}

impl Need {
    /// The need as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Reconnect => "reconnect",
            Self::Turns => "turns",
            Self::Concurrent => "concurrent",
            Self::Events => "events",
            Self::ToolEffect => "tool:effect",
            Self::ToolList => "tool:list",
            Self::ToolRead => "tool:read",
            Self::Virtual => "virtual",
            Self::Process => "process",
            Self::Prompt => "prompt",
            Self::Streamed => "streamed",
            Self::Compaction => "compaction",
            Self::Tls => "tls",
            Self::Http2 => "http2",
        }
    }
}

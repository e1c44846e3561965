//! A target file as it is written. What it means is in [`file`](super::file).

use std::collections::BTreeMap;

use scenario::{BoundsOverrides, Dialect, HumanDuration, Need};
use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetSpec {
    pub(super) format: Spanned<u32>,
    pub(super) name: Spanned<String>,
    pub(super) adapter: Spanned<Adapter>,
    pub(super) command: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) setup: Vec<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) setup_stamp: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) env: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) files: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) ready: Option<Spanned<ReadySpec>>,
    #[serde(default)]
    pub(super) prompt: Option<Spanned<PromptSpec>>,
    #[serde(default)]
    pub(super) tools: ToolsSpec,
    #[serde(default)]
    pub(super) supports: Vec<Spanned<Need>>,
    #[serde(default)]
    pub(super) observes: Option<Vec<Spanned<Observable>>>,
    #[serde(default)]
    pub(super) streamed: Option<Spanned<Vec<Streaming>>>,
    #[serde(default)]
    pub(super) dialects: Option<Spanned<Vec<Dialect>>>,
    #[serde(default)]
    pub(super) markers: Option<bool>,
    #[serde(default)]
    pub(super) bounds: BoundsOverrides,
}

/// How the runner talks to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adapter {
    /// A server of the runs API.
    Gateway,
    /// One process for every turn.
    Command,
    /// An interactive prompt on standard input and output.
    Prompt,
}

impl Adapter {
    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Command => "command",
            Self::Prompt => "prompt",
        }
    }
}

/// When a target is ready.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadySpec {
    #[serde(default)]
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) within: Option<HumanDuration>,
}

/// What an interactive prompt looks like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PromptSpec {
    pub(super) shows: Spanned<String>,
    #[serde(default)]
    pub(super) failed: Option<String>,
}

/// What the neutral tools are called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolsSpec {
    #[serde(default)]
    pub(super) list: Option<ToolSpec>,
    #[serde(default)]
    pub(super) read: Option<ToolSpec>,
    #[serde(default)]
    pub(super) effect: Option<ToolSpec>,
}

/// What one tool and its arguments are called.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolSpec {
    pub(super) name: String,
    #[serde(default)]
    pub(super) arguments: BTreeMap<String, String>,
}

/// What can be observed of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Observable {
    /// Its requests.
    Provider,
    /// How its runs end.
    Terminal,
    /// What it tells while a run goes on.
    Events,
    /// Its processes.
    Process,
    /// Its own account of its life.
    Lifecycle,
}

impl Observable {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Terminal => "terminal",
            Self::Events => "events",
            Self::Process => "process",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// How a target can be made to ask for replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Streaming {
    /// As streams.
    Streamed,
    /// In one piece.
    Whole,
}

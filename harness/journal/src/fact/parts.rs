//! What facts are made of.

use serde::{Deserialize, Serialize};

/// One of the two ends of a connection to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The target.
    Target,
    /// The provider.
    Provider,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// With a FIN.
    Fin,
    /// With a RST.
    Reset,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Everything was sent.
    Complete,
    /// A fault of the script ended it.
    ByFault,
    /// The target left first.
    TargetLeft,
    /// The case ended first.
    ProviderShutdown,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultOutcome {
    /// It left the socket exactly as asked.
    Delivered,
    /// The target never got there.
    Unreached,
    /// The target left first.
    Superseded,
    /// The exchange has no such point.
    Inapplicable,
    /// It should have been carried out and was not: a mistake of ours.
    Undelivered,
}

/// What a response has said, decoded from the bytes that really left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The tool calls that were begun.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<SaidToolCall>,
    /// The finish reason, once the event that carries it has left whole: `stop`, `tool-calls`, `length`, `content-filter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
    /// Whether the dialect's terminal marker has left whole.
    #[serde(default)]
    pub end_marker: bool,
    /// The tokens that were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// A tool call as the provider sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidToolCall {
    /// Its id; encodes run, call, attempt and index.
    pub id: String,
    /// Its place among the calls of the answer, from 0.
    pub index: u32,
    /// The tool's name as it was sent.
    pub tool: String,
    /// The arguments as far as they left.
    pub arguments: String,
    /// Whether they left whole.
    pub whole: bool,
}

/// A tool call in the history of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenToolCall {
    /// Its id.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The arguments, as they came back.
    pub arguments: String,
}

/// A tool result in the history of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenToolResult {
    /// The id of the call it answers.
    pub id: String,
    /// The result's text, shortened to a bounded length.
    pub content: String,
}

/// An error that the provider told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorSent {
    /// The provider's code or type.
    pub code: String,
    /// A word that occurs in this one error's message and nowhere else.
    pub nonce: String,
    /// The value of `Retry-After` as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// Where that is a date: how many milliseconds after the answer it lies, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_date_ms: Option<u64>,
    /// The value of `retry-after-ms` as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<String>,
    /// What `x-should-retry` said, where the script wanted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
}

/// How a run ended, as the target tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Terminal {
    /// With an answer.
    Completed,
    /// Without one.
    Failed,
    /// Because it was stopped.
    Cancelled,
}

impl Terminal {
    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientRole {
    /// Long-lived.
    Primary,
    /// Made for one call.
    Request,
    /// Serves something other than the conversation.
    Auxiliary,
}

/// What is left of a target after it was asked to shut down and before anything was killed. What was not counted is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Tasks alive on the target's runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<u64>,
    /// Connections to the provider that are still open, as the provider sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_connections: Option<u64>,
    /// Processes of the target's tree that are still alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<u64>,
    /// The highest number of open descriptors seen after quiescence, less that before the first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptors_grown: Option<i64>,
    /// Sockets of the process that are connected to the provider after quiescence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u64>,
    /// The highest resident memory seen, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_peak_kib: Option<u64>,
}

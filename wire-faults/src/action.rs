//! *What* a fault does once its point is reached.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::HumanDuration;

/// What happens at the point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// The provider answers with an error status, in its own body and headers, instead of the reply.
    Status(StatusAnswer),
    /// The connection is closed with a FIN, without ending the transfer coding.
    Close,
    /// The connection is torn down with a RST, once the peer has taken everything sent before it.
    Reset,
    /// Nothing more is sent; the connection stays open. Ends with the client's leaving, or after `lasting`, when it is closed with a FIN.
    Stall {
        /// How long the silence lasts at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lasting: Option<HumanDuration>,
    },
    /// Silence for a while, then the exchange goes on as if nothing had happened.
    Delay {
        /// How long the silence lasts.
        lasting: HumanDuration,
    },
    /// The body ends here, in a way that is clean HTTP: the lie is only in what was not said.
    Truncate,
}

/// An error status and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The value of `Retry-After`, sent as it is written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// The provider's error code, where the dialect's usual one is not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's error message, where the dialect's usual one is not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the body repeats the credential that was refused, as some providers do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub echo_key: bool,
}

/// The names of the actions, as they are written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ActionName {
    /// Answer with an error status (`status`, `retry_after`, `code`, `message`, `echo_key`).
    Status,
    /// Close the connection with a FIN.
    Close,
    /// Tear the connection down with a RST.
    Reset,
    /// Send nothing more and keep the connection open (`lasting`: at most so long).
    Stall,
    /// Send nothing for `lasting`, then go on.
    Delay,
    /// End the body cleanly, too early.
    Truncate,
}

impl ActionName {
    /// Every action.
    pub const ALL: [Self; 6] = [
        Self::Status,
        Self::Close,
        Self::Reset,
        Self::Stall,
        Self::Delay,
        Self::Truncate,
    ];

    /// The name as it is written in a scenario.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Stall => "stall",
            Self::Delay => "delay",
            Self::Truncate => "truncate",
        }
    }
}

impl Action {
    /// Which kind of action this is.
    #[must_use]
    pub const fn name(&self) -> ActionName {
        match self {
            Self::Status(_) => ActionName::Status,
            Self::Close => ActionName::Close,
            Self::Reset => ActionName::Reset,
            Self::Stall { .. } => ActionName::Stall,
            Self::Delay { .. } => ActionName::Delay,
            Self::Truncate => ActionName::Truncate,
        }
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(answer) => write!(f, "status {}", answer.status),
            Self::Stall {
                lasting: Some(lasting),
            } => write!(f, "stall for {lasting}"),
            Self::Delay { lasting } => write!(f, "delay of {lasting}"),
            other => f.write_str(other.name().as_str()),
        }
    }
}

//! What an action is told beyond its name.

mod code;
mod raw;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use code::{Alert, StreamCode};
pub use raw::RawBytes;

use crate::duration::HumanDuration;

/// An error status and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The value of `Retry-After`, sent as it is written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// `Retry-After` as a date, so long after the answer; up to a second later, since it has whole ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_date: Option<HumanDuration>,
    /// The value of `retry-after-ms`, sent as it is written here: no standard, and read first by the clients of two providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<String>,
    /// What `x-should-retry` says; what the provider says by itself, if it does, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
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

/// An error that is told inside an answer whose status was 200.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorEvent {
    /// The HTTP status that the same error would have had before the head; the dialect's usual one unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's error code, where the dialect's usual one is not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's error message, where the dialect's usual one is not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the error's fields stand; in the dialect's usual place unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<ErrorShape>,
}

/// Where the fields of an error event stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorShape {
    /// In an object of their own, `{"error": {"message": …}}`.
    Nested,
    /// Beside the event's type, `{"type": "error", "message": …}`.
    Flat,
}

/// How a connection is closed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// With a FIN.
    Close,
    /// With a RST, as a server does that has closed the connection before the request came.
    #[default]
    Reset,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Close => "close",
            Self::Reset => "reset",
        })
    }
}

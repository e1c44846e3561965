//! The names of the actions, and which fields each of them takes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The names of the actions, as they are written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ActionName {
    /// Answer with an error status (`status`, `retry_after`, `retry_after_date`, `retry_after_ms`, `should_retry`, `code`,
    /// `message`, `echo_key`).
    Status,
    /// Close the connection with a FIN.
    Close,
    /// Tear the connection down with a RST.
    Reset,
    /// Send nothing more and keep the connection open (`lasting`: at most so long).
    Stall,
    /// Send nothing for `lasting`, then go on.
    Delay,
    /// Send the rest slowly: `bytes` (1) at a time, a silence of `every` (100ms) before each.
    Drip,
    /// End the body cleanly, too early.
    Truncate,
    /// Close our side with a FIN, and read on until the peer leaves.
    HalfClose,
    /// Send the dialect's own error inside the answer (`status`, `code`, `message`, `shape`), then end it as the dialect does.
    ErrorEvent,
    /// Break the JSON of the event or document: its last closing bracket is missing.
    MalformJson,
    /// Send a byte that is no UTF-8.
    MalformUtf8,
    /// Send the rest in pieces of `bytes` each, cutting events and characters anywhere.
    Split,
    /// Send the event twice.
    Duplicate,
    /// Leave the event out.
    Drop,
    /// Swap the event and the next one.
    Reorder,
    /// Name another `content_type` (text/plain) than the body has.
    WrongContentType,
    /// Promise more bytes than are sent (`by`: 1), then close with a FIN.
    ShortContentLength,
    /// Send the body as gzip that is broken at the point.
    CorruptGzip,
    /// Begin the next chunk with a size that is no number.
    BadChunk,
    /// Answer 200 with a page for a browser.
    Html,
    /// Answer 200 with an empty body.
    Empty,
    /// Send `bytes` (64) random bytes instead of the rest, then close with a FIN.
    Garbage,
    /// Pad the event or document to `bytes` (16 MiB) with spaces inside its JSON.
    Huge,
    /// Begin the body with a byte order mark (U+FEFF).
    Bom,
    /// End lines in CRLF.
    Crlf,
    /// Send nothing but keep-alives, with a silence of `every` (10s) before each, until the peer leaves.
    KeepaliveForever,
    /// Keep the connection open, and close it (`end`: reset or close) when the next request comes on it.
    StaleKeepalive,
    /// HTTP/2: send GOAWAY (`code`).
    Goaway,
    /// HTTP/2: reset the stream (`code`).
    ResetStream,
    /// TLS: send a fatal alert (`alert`), then close with a FIN.
    TlsAlert,
    /// TLS: close with a FIN and without close_notify.
    TlsTruncate,
    /// TLS: show a certificate that has expired.
    ExpiredCertificate,
    /// TLS: show a certificate for another host.
    WrongName,
    /// Send these bytes (`data` with `\xNN` escapes, or `base64`) instead of the rest, then close with a FIN.
    Raw,
}

impl ActionName {
    /// Every action.
    pub const ALL: [Self; 34] = [
        Self::Status,
        Self::Close,
        Self::Reset,
        Self::Stall,
        Self::Delay,
        Self::Drip,
        Self::Truncate,
        Self::HalfClose,
        Self::ErrorEvent,
        Self::MalformJson,
        Self::MalformUtf8,
        Self::Split,
        Self::Duplicate,
        Self::Drop,
        Self::Reorder,
        Self::WrongContentType,
        Self::ShortContentLength,
        Self::CorruptGzip,
        Self::BadChunk,
        Self::Html,
        Self::Empty,
        Self::Garbage,
        Self::Huge,
        Self::Bom,
        Self::Crlf,
        Self::KeepaliveForever,
        Self::StaleKeepalive,
        Self::Goaway,
        Self::ResetStream,
        Self::TlsAlert,
        Self::TlsTruncate,
        Self::ExpiredCertificate,
        Self::WrongName,
        Self::Raw,
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
            Self::Drip => "drip",
            Self::Truncate => "truncate",
            Self::HalfClose => "half-close",
            Self::ErrorEvent => "error-event",
            Self::MalformJson => "malform-json",
            Self::MalformUtf8 => "malform-utf8",
            Self::Split => "split",
            Self::Duplicate => "duplicate",
            Self::Drop => "drop",
            Self::Reorder => "reorder",
            Self::WrongContentType => "wrong-content-type",
            Self::ShortContentLength => "short-content-length",
            Self::CorruptGzip => "corrupt-gzip",
            Self::BadChunk => "bad-chunk",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::Huge => "huge",
            Self::Bom => "bom",
            Self::Crlf => "crlf",
            Self::KeepaliveForever => "keepalive-forever",
            Self::StaleKeepalive => "stale-keepalive",
            Self::Goaway => "goaway",
            Self::ResetStream => "reset-stream",
            Self::TlsAlert => "tls-alert",
            Self::TlsTruncate => "tls-truncate",
            Self::ExpiredCertificate => "expired-certificate",
            Self::WrongName => "wrong-name",
            Self::Raw => "raw",
        }
    }

    /// The fields that say more about it; any other would be silently ignored, and is refused.
    pub(crate) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Status => &[
                "status",
                "retry_after",
                "retry_after_date",
                "retry_after_ms",
                "should_retry",
                "code",
                "message",
                "echo_key",
            ],
            Self::ErrorEvent => &["status", "code", "message", "shape"],
            Self::Stall | Self::Delay => &["lasting"],
            Self::Drip => &["bytes", "every"],
            Self::Split | Self::Garbage | Self::Huge => &["bytes"],
            Self::KeepaliveForever => &["every"],
            Self::WrongContentType => &["content_type"],
            Self::ShortContentLength => &["by"],
            Self::StaleKeepalive => &["end"],
            Self::Goaway | Self::ResetStream => &["code"],
            Self::TlsAlert => &["alert"],
            Self::Raw => &["data", "base64"],
            _ => &[],
        }
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

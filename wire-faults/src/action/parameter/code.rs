//! The names that HTTP/2 and TLS give their errors.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error code of HTTP/2 (RFC 9113, section 7).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StreamCode {
    /// Nothing is wrong; a graceful end.
    NoError,
    /// The peer has broken the protocol.
    ProtocolError,
    /// An unexpected failure.
    InternalError,
    /// The peer has broken flow control.
    FlowControlError,
    /// The settings were not acknowledged in time.
    SettingsTimeout,
    /// A frame came on a stream that is half closed.
    StreamClosed,
    /// A frame of the wrong size.
    FrameSizeError,
    /// The stream was refused before anything was done for it.
    RefusedStream,
    /// The stream is not needed any more.
    Cancel,
    /// The header compression is broken.
    CompressionError,
    /// The connection of a CONNECT was reset.
    ConnectError,
    /// The peer does too much.
    EnhanceYourCalm,
    /// The transport is not secure enough.
    InadequateSecurity,
    /// HTTP/1.1 has to be used.
    Http11Required,
}

impl StreamCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::NoError,
        Self::ProtocolError,
        Self::InternalError,
        Self::FlowControlError,
        Self::SettingsTimeout,
        Self::StreamClosed,
        Self::FrameSizeError,
        Self::RefusedStream,
        Self::Cancel,
        Self::CompressionError,
        Self::ConnectError,
        Self::EnhanceYourCalm,
        Self::InadequateSecurity,
        Self::Http11Required,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u32 {
        // The variants stand in the order of their numbers, without a gap.
        self as u32
    }

    /// The name as it is written in a scenario.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoError => "no-error",
            Self::ProtocolError => "protocol-error",
            Self::InternalError => "internal-error",
            Self::FlowControlError => "flow-control-error",
            Self::SettingsTimeout => "settings-timeout",
            Self::StreamClosed => "stream-closed",
            Self::FrameSizeError => "frame-size-error",
            Self::RefusedStream => "refused-stream",
            Self::Cancel => "cancel",
            Self::CompressionError => "compression-error",
            Self::ConnectError => "connect-error",
            Self::EnhanceYourCalm => "enhance-your-calm",
            Self::InadequateSecurity => "inadequate-security",
            Self::Http11Required => "http11-required",
        }
    }
}

impl fmt::Display for StreamCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fatal alert of TLS that servers send (RFC 8446, section 6.2).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Alert {
    /// 20: a record could not be decrypted.
    BadRecordMac,
    /// 40: no parameters that both sides take.
    HandshakeFailure,
    /// 49: the client is not allowed.
    AccessDenied,
    /// 70: no version that both sides speak.
    ProtocolVersion,
    /// 80: an unexpected failure.
    #[default]
    InternalError,
    /// 112: there is no such host here.
    UnrecognizedName,
    /// 116: the client has shown no certificate.
    CertificateRequired,
}

impl Alert {
    /// Every alert, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::BadRecordMac,
        Self::HandshakeFailure,
        Self::AccessDenied,
        Self::ProtocolVersion,
        Self::InternalError,
        Self::UnrecognizedName,
        Self::CertificateRequired,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::BadRecordMac => 20,
            Self::HandshakeFailure => 40,
            Self::AccessDenied => 49,
            Self::ProtocolVersion => 70,
            Self::InternalError => 80,
            Self::UnrecognizedName => 112,
            Self::CertificateRequired => 116,
        }
    }

    /// The name as it is written in a scenario.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRecordMac => "bad-record-mac",
            Self::HandshakeFailure => "handshake-failure",
            Self::AccessDenied => "access-denied",
            Self::ProtocolVersion => "protocol-version",
            Self::InternalError => "internal-error",
            Self::UnrecognizedName => "unrecognized-name",
            Self::CertificateRequired => "certificate-required",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_numbers_of_their_specifications() {
        assert_eq!(StreamCode::NoError.number(), 0x0);
        assert_eq!(StreamCode::RefusedStream.number(), 0x7);
        assert_eq!(StreamCode::Cancel.number(), 0x8);
        assert_eq!(StreamCode::EnhanceYourCalm.number(), 0xb);
        assert_eq!(StreamCode::Http11Required.number(), 0xd);
    }

    #[test]
    fn every_name_is_read_as_it_is_written() {
        for code in StreamCode::ALL {
            let written = toml::Value::try_from(code).expect("is a word");
            assert_eq!(written.as_str(), Some(code.as_str()));
        }
        for alert in Alert::ALL {
            let written = toml::Value::try_from(alert).expect("is a word");
            assert_eq!(written.as_str(), Some(alert.as_str()));
        }
    }
}

//! Bytes as people write them: text with escapes for what no text can say.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that are sent as they are.
///
/// Written as text in which `\xNN` is a byte, `\r`, `\n`, `\t` and `\0` are what they are in most languages, and `\\` is a
/// backslash. In TOML a string in single quotes leaves them alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawBytes(pub Vec<u8>);

/// The text is not bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// An escape that means nothing.
    #[error("`\\{0}` is no escape: write `\\xNN` for a byte, `\\r`, `\\n`, `\\t`, `\\0` or `\\\\`")]
    Escape(String),
    /// Not base64.
    #[error("this is not base64 with padding")]
    Base64,
}

impl FromStr for RawBytes {
    type Err = RawError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((plain, escape)) = rest.split_once('\\') {
            bytes.extend_from_slice(plain.as_bytes());
            let (byte, length) = escaped(escape)
                .ok_or_else(|| RawError::Escape(escape.chars().take(3).collect()))?;
            bytes.push(byte);
            rest = &escape[length..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(Self(bytes))
    }
}

/// The byte that an escape stands for, and how long it is without its backslash.
fn escaped(escape: &str) -> Option<(u8, usize)> {
    Some(match escape.as_bytes().first()? {
        b'r' => (b'\r', 1),
        b'n' => (b'\n', 1),
        b't' => (b'\t', 1),
        b'0' => (0, 1),
        b'\\' => (b'\\', 1),
        b'x' => {
            let digits = escape.get(1..3)?;
            let all_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let byte = u8::from_str_radix(digits, 16).ok()?;
            (all_digits.then_some(byte)?, 3)
        }
        _ => return None,
    })
}

impl RawBytes {
    /// Reads base64 (RFC 4648, section 4).
    ///
    /// # Errors
    ///
    /// It is not base64.
    pub fn from_base64(text: &str) -> Result<Self, RawError> {
        let bytes = STANDARD.decode(text).map_err(|_| RawError::Base64)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RawBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0 {
            match byte {
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

impl Serialize for RawBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RawBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_is_written() {
        let all = RawBytes((0..=255).collect());
        assert_eq!(all.to_string().parse(), Ok(all));
    }

    #[test]
    fn escapes_and_text_mix() {
        let read: RawBytes = r"HTTP/1.1 200 OK\r\n\xff\0é\\".parse().expect("is fine");
        assert_eq!(read.0, b"HTTP/1.1 200 OK\r\n\xff\0\xc3\xa9\\");
        for wrong in [r"\q", r"\x1", r"\xg0", r"\x+1", "\\"] {
            assert!(wrong.parse::<RawBytes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn base64_is_read_with_its_padding() {
        let read = |text| RawBytes::from_base64(text).map(|bytes| bytes.0);
        // The examples of RFC 4648, section 10.
        assert_eq!(read("Zm9vYmFy").as_deref(), Ok(b"foobar".as_slice()));
        assert_eq!(read("Zm9vYmE=").as_deref(), Ok(b"fooba".as_slice()));
        assert_eq!(read("Zm9vYg==").as_deref(), Ok(b"foob".as_slice()));
        assert_eq!(read("").as_deref(), Ok(b"".as_slice()));
        for wrong in ["Zm9", "Zm9v=", "====", "Zg==Zg==", "Zm9%"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

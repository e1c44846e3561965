//! Messages of the server's handshake, as far as they say how the rest is to be read. Pure.

use super::HEADER;
use crate::tls::TlsVersion;

/// Handshake types (RFC 8446, section 4).
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CERTIFICATE: u8 = 11;
pub(super) const FINISHED: u8 = 20;

/// The extension that says which version is spoken, from TLS 1.3 on (RFC 8446, section 4.2.1).
const SUPPORTED_VERSIONS: [u8; 2] = [0, 43];

/// What a `ServerHello` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) random: [u8; 32],
    pub(super) version: TlsVersion,
}

impl Hello {
    /// RFC 8446, section 4.1.3; the same as RFC 5246, section 7.4.1.3, but for what is in the extensions.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let (_legacy_version, rest) = message.split_at_checked(2)?;
        let (random, rest) = rest.split_first_chunk::<32>()?;
        let (session, rest) = rest.split_first()?;
        // The cipher suite and the compression, of which there is one each.
        let rest = rest.get(usize::from(*session) + 3..)?;
        let version = match has_extension(rest.get(2..).unwrap_or_default(), SUPPORTED_VERSIONS) {
            true => TlsVersion::Tls13,
            false => TlsVersion::Tls12,
        };
        Some(Self {
            random: *random,
            version,
        })
    }
}

fn has_extension(mut extensions: &[u8], wanted: [u8; 2]) -> bool {
    while let Some(([kind @ .., high, low], rest)) = extensions.split_first_chunk::<4>() {
        if *kind == wanted {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        extensions = rest.get(length..).unwrap_or_default();
    }
    false
}

/// The first certificate in a `Certificate` message (RFC 8446, section 4.4.2; RFC 5246, section 7.4.2).
pub(super) fn first_certificate(version: TlsVersion, message: &[u8]) -> Option<Vec<u8>> {
    let list = match version {
        TlsVersion::Tls12 => message.get(3..)?,
        TlsVersion::Tls13 => {
            let (context, rest) = message.split_first()?;
            rest.get(usize::from(*context) + 3..)?
        }
    };
    let (length, rest) = list.split_at_checked(3)?;
    Some(rest.get(..number(length))?.to_vec())
}

/// Takes the first whole message out of what has left of the handshake: its kind and its content.
pub(super) fn take_first(handshake: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let ([kind, length @ ..], _) = handshake.split_first_chunk::<4>()?;
    let (kind, end) = (*kind, 4 + number(length));
    if handshake.len() < end {
        return None;
    }
    let rest = handshake.split_off(end);
    let mut message = std::mem::replace(handshake, rest);
    Some((kind, message.split_off(4)))
}

/// Takes the first whole record out of what has left: its header and its body.
pub(super) fn take_record(partial: &mut Vec<u8>) -> Option<([u8; HEADER], Vec<u8>)> {
    let header = *partial.first_chunk::<HEADER>()?;
    let end = HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
    if partial.len() < end {
        return None;
    }
    let rest = partial.split_off(end);
    let mut record = std::mem::replace(partial, rest);
    Some((header, record.split_off(HEADER)))
}

fn number(bytes: &[u8]) -> usize {
    let fold = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
    bytes.iter().fold(0, fold)
}

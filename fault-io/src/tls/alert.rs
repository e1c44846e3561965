//! Alerts of our own choice, which no TLS library sends (RFC 8446, sections 5 and 6; RFC 5288, section 3). Pure.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::ConnectionTrafficSecrets;

use super::TlsVersion;

/// `ContentType::alert`.
const ALERT: u8 = 21;
/// `ContentType::application_data`, which everything sealed is called in TLS 1.3.
const SEALED: u8 = 23;
/// `AlertLevel::fatal`.
const FATAL: u8 = 2;

/// A fatal alert before there are keys.
pub(crate) const fn plain_alert(description: u8) -> [u8; 7] {
    [ALERT, 3, 3, 0, 2, FATAL, description]
}

/// A fatal alert as the next record under these keys; nothing if they are of another cipher than ours.
pub(super) fn sealed(
    version: TlsVersion,
    sequence: u64,
    secrets: &ConnectionTrafficSecrets,
    description: u8,
) -> Option<Vec<u8>> {
    let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else {
        return None;
    };
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_ref()).ok()?);
    let number = sequence.to_be_bytes();
    // RFC 8446, section 5.3: the number of the record, to the left filled up with zeros, on the static one. TLS 1.2 leaves it to us
    // how records are told apart, and what secrets are extracted says that the library does the same.
    let mut nonce: [u8; 12] = iv.as_ref().try_into().ok()?;
    for (byte, number) in nonce[4..].iter_mut().zip(number) {
        *byte ^= number;
    }
    let (kind, explicit, mut inner) = match version {
        TlsVersion::Tls12 => (ALERT, nonce[4..].to_vec(), vec![FATAL, description]),
        TlsVersion::Tls13 => (SEALED, Vec::new(), vec![FATAL, description, ALERT]),
    };
    let length = explicit.len() + inner.len() + AES_128_GCM.tag_len();
    let [high, low] = u16::try_from(length).ok()?.to_be_bytes();
    let header = [kind, 3, 3, high, low];
    let additional = match version {
        TlsVersion::Tls12 => [&number[..], &[kind, 3, 3, 0, 2]].concat(),
        TlsVersion::Tls13 => header.to_vec(),
    };
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(additional), &mut inner)
        .ok()?;
    Some([&header[..], &explicit, &inner].concat())
}

//! Alerts of our own choice, which no TLS library sends (RFC 8446, sections 5 and 6). Pure.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::ConnectionTrafficSecrets;

/// `ContentType::alert`.
const ALERT: u8 = 21;
/// `ContentType::application_data`, which everything sealed is called.
const SEALED: u8 = 23;
/// `AlertLevel::fatal`.
const FATAL: u8 = 2;

/// A fatal alert before there are keys.
pub(crate) const fn plain_alert(description: u8) -> [u8; 7] {
    [ALERT, 3, 3, 0, 2, FATAL, description]
}

/// A fatal alert as the next record under these keys; nothing if they are of another cipher suite than ours.
pub(super) fn sealed(
    sequence: u64,
    secrets: &ConnectionTrafficSecrets,
    description: u8,
) -> Option<Vec<u8>> {
    let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else {
        return None;
    };
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_ref()).ok()?);
    // RFC 8446, section 5.3: the number of the record, to the left filled up with zeros, on the static one.
    let mut nonce: [u8; 12] = iv.as_ref().try_into().ok()?;
    for (byte, number) in nonce[4..].iter_mut().zip(sequence.to_be_bytes()) {
        *byte ^= number;
    }
    let mut inner = vec![FATAL, description, ALERT];
    let length = u16::try_from(inner.len() + AES_128_GCM.tag_len()).ok()?;
    let [high, low] = length.to_be_bytes();
    let header = [SEALED, 3, 3, high, low];
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(header), &mut inner)
        .ok()?;
    Some([&header[..], &inner].concat())
}

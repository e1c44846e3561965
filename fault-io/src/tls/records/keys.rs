//! The keys of one epoch of the server's side, derived from its secrets, and what they open. Pure.

use std::fmt;

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{self, HKDF_SHA256, KeyType, Prk};
use ring::hmac;

use super::HEADER;
use crate::tls::TlsVersion;

/// Length of the part of a nonce that TLS 1.2 sends with each record (RFC 5288, section 3).
const EXPLICIT: usize = 8;

/// The keys of one epoch.
pub(super) struct Keys {
    version: TlsVersion,
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Keys");
        shown
            .field("version", &self.version)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Of TLS 1.3 (RFC 8446, section 7.3).
    pub(super) fn of_traffic(secret: &[u8]) -> Option<Self> {
        let secret = Prk::new_less_safe(HKDF_SHA256, secret);
        let key = expanded::<16>(&secret, b"tls13 key")?;
        let iv = expanded::<12>(&secret, b"tls13 iv")?;
        Self::new(TlsVersion::Tls13, &key, iv)
    }

    /// Of TLS 1.2 (RFC 5246, section 6.3; RFC 5288): the server's part of the key block.
    pub(super) fn of_master(
        master: &[u8],
        client_random: &[u8],
        server_random: &[u8],
    ) -> Option<Self> {
        let seed = [&b"key expansion"[..], server_random, client_random].concat();
        // Both keys, then what both nonces begin with.
        let block = pseudorandom::<40>(master, &seed);
        let mut iv = [0; 12];
        iv[..4].copy_from_slice(&block[36..]);
        Self::new(TlsVersion::Tls12, &block[16..32], iv)
    }

    fn new(version: TlsVersion, key: &[u8], iv: [u8; 12]) -> Option<Self> {
        Some(Self {
            version,
            key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).ok()?),
            iv,
            sequence: 0,
        })
    }

    /// Opens a record: what it is, and what is in it.
    pub(super) fn open(
        &mut self,
        header: [u8; HEADER],
        mut body: Vec<u8>,
    ) -> Option<(u8, Vec<u8>)> {
        let number = self.sequence.to_be_bytes();
        self.sequence += 1;
        match self.version {
            TlsVersion::Tls12 => {
                let (explicit, sealed) = body.split_at_mut_checked(EXPLICIT)?;
                let mut nonce = self.iv;
                nonce[4..].copy_from_slice(explicit);
                let length = sealed.len().checked_sub(AES_128_GCM.tag_len())?;
                let length = u16::try_from(length).ok()?.to_be_bytes();
                // RFC 5246, section 6.2.3.3.
                let additional = [&number[..], &header[..3], &length].concat();
                let opened = self.opened(nonce, &additional, sealed)?;
                Some((header[0], opened.to_vec()))
            }
            TlsVersion::Tls13 => {
                // RFC 8446, section 5.3.
                let mut nonce = self.iv;
                for (byte, number) in nonce[4..].iter_mut().zip(number) {
                    *byte ^= number;
                }
                let opened = self.opened(nonce, &header, &mut body)?;
                // Padding of zeros may follow the content type.
                let end = opened.iter().rposition(|byte| *byte != 0)?;
                Some((opened[end], opened[..end].to_vec()))
            }
        }
    }

    fn opened<'a>(
        &self,
        nonce: [u8; 12],
        additional: &[u8],
        sealed: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(additional), sealed);
        opened.ok().map(|opened| &*opened)
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// `HKDF-Expand-Label` without a context (RFC 8446, section 7.1).
fn expanded<const N: usize>(secret: &Prk, label: &[u8]) -> Option<[u8; N]> {
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let label_length = [u8::try_from(label.len()).ok()?];
    let info = [&length[..], &label_length, label, &[0]];
    let okm: hkdf::Okm<'_, Length> = secret.expand(&info, Length(N)).ok()?;
    let mut bytes = [0; N];
    okm.fill(&mut bytes).ok()?;
    Some(bytes)
}

/// `P_SHA256` (RFC 5246, section 5).
fn pseudorandom<const N: usize>(secret: &[u8], seed: &[u8]) -> [u8; N] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut bytes = [0; N];
    let mut link = hmac::sign(&key, seed);
    for part in bytes.chunks_mut(HMAC_BYTES) {
        let output = hmac::sign(&key, &[link.as_ref(), seed].concat());
        part.copy_from_slice(&output.as_ref()[..part.len()]);
        link = hmac::sign(&key, link.as_ref());
    }
    bytes
}

/// Length of an HMAC with SHA-256.
const HMAC_BYTES: usize = 32;

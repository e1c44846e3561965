//! What has left a socket, read again as TLS 1.3 (RFC 8446): the plaintext, the certificate that was shown, the alert that was
//! last. It has the bytes that the kernel took and the secrets of the key log, and shares no code with what sealed them.

use std::sync::{Mutex, PoisonError};

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{self, HKDF_SHA256, KeyType, Prk};
use rustls::KeyLog;

use super::Farewell;

/// Length of a record's header.
const HEADER: usize = 5;

/// Content types (RFC 8446, section 5.1).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Handshake types (RFC 8446, section 4).
const CERTIFICATE: u8 = 11;
const FINISHED: u8 = 20;

/// The secrets of the server's side, as they become known.
#[derive(Default)]
pub(super) struct Secrets {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    handshake: Option<Vec<u8>>,
    traffic: Option<Vec<u8>>,
}

impl KeyLog for Secrets {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match label {
            "SERVER_HANDSHAKE_TRAFFIC_SECRET" => known.handshake = Some(secret.to_vec()),
            "SERVER_TRAFFIC_SECRET_0" => known.traffic = Some(secret.to_vec()),
            _ => {}
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// What has left.
#[derive(Debug)]
pub(crate) struct Records {
    secrets: std::sync::Arc<Secrets>,
    /// The beginning of a record whose end has not left.
    partial: Vec<u8>,
    keys: Option<Keys>,
    /// The server's `Finished` has left: from here on other keys are used.
    finished: bool,
    handshake: Vec<u8>,
    certificate: Option<Vec<u8>>,
    plaintext: Vec<u8>,
    farewell: Farewell,
}

impl Records {
    pub(super) fn new(secrets: std::sync::Arc<Secrets>) -> Self {
        Self {
            secrets,
            partial: Vec::new(),
            keys: None,
            finished: false,
            handshake: Vec::new(),
            certificate: None,
            plaintext: Vec::new(),
            farewell: Farewell::Unsaid,
        }
    }

    /// The plaintext that has left since [`Records::begin`], in whole records.
    pub(crate) fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// What was said last about the end.
    pub(crate) const fn farewell(&self) -> Farewell {
        self.farewell
    }

    /// The certificate that was shown, in DER.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    pub(super) fn begin(&mut self) {
        self.plaintext.clear();
    }

    /// These bytes have left.
    pub(super) fn left(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        while let Some((header, _)) = self.partial.split_first_chunk::<HEADER>() {
            let header = *header;
            let end = HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
            if self.partial.len() < end {
                return;
            }
            let rest = self.partial.split_off(end);
            let record = std::mem::replace(&mut self.partial, rest);
            self.record(header, record[HEADER..].to_vec());
        }
    }

    fn record(&mut self, header: [u8; HEADER], body: Vec<u8>) {
        if matches!(self.farewell, Farewell::Alert(_) | Farewell::Unreadable) {
            // Nothing may follow the alert that ends a connection.
            self.farewell = Farewell::Unreadable;
            return;
        }
        match header[0] {
            ALERT => self.alert(&body),
            APPLICATION_DATA => match self.open(header, body) {
                Some((APPLICATION_DATA, content)) => self.plaintext.extend_from_slice(&content),
                Some((ALERT, content)) => self.alert(&content),
                Some((HANDSHAKE, content)) => self.handshake(&content),
                _ => self.farewell = Farewell::Unreadable,
            },
            // The hello, and the change of a cipher that means nothing.
            _ => {}
        }
    }

    fn alert(&mut self, content: &[u8]) {
        self.farewell = match content {
            [_, description] => Farewell::Alert(*description),
            _ => Farewell::Unreadable,
        };
    }

    /// Opens a record: what it is, and what is in it.
    fn open(&mut self, header: [u8; HEADER], mut body: Vec<u8>) -> Option<(u8, Vec<u8>)> {
        if self.keys.is_none() {
            let known = self.secrets.known.lock();
            let known = known.unwrap_or_else(PoisonError::into_inner);
            let secret = match self.finished {
                false => known.handshake.as_deref()?,
                true => known.traffic.as_deref()?,
            };
            self.keys = Keys::of(secret);
        }
        let opened = self.keys.as_mut()?.open(header, &mut body)?;
        // Padding of zeros may follow the content type.
        let end = opened.iter().rposition(|byte| *byte != 0)?;
        let kind = opened[end];
        Some((kind, opened[..end].to_vec()))
    }

    fn handshake(&mut self, content: &[u8]) {
        if self.finished {
            // A message after the handshake, such as one that changes keys: none is expected.
            return;
        }
        self.handshake.extend_from_slice(content);
        while let Some(([kind, length @ ..], _)) = self.handshake.split_first_chunk::<4>() {
            let kind = *kind;
            let end = 4 + number(length);
            if self.handshake.len() < end {
                return;
            }
            let rest = self.handshake.split_off(end);
            let message = std::mem::replace(&mut self.handshake, rest);
            match kind {
                CERTIFICATE => self.certificate = first_certificate(&message[4..]),
                FINISHED => {
                    self.finished = true;
                    self.keys = None;
                }
                _ => {}
            }
        }
    }
}

fn number(bytes: &[u8]) -> usize {
    let fold = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
    bytes.iter().fold(0, fold)
}

/// The first certificate in a `Certificate` message (RFC 8446, section 4.4.2).
fn first_certificate(message: &[u8]) -> Option<Vec<u8>> {
    let (context, rest) = message.split_first()?;
    let list = rest.get(usize::from(*context) + 3..)?;
    let (length, rest) = list.split_at_checked(3)?;
    Some(rest.get(..number(length))?.to_vec())
}

/// The keys of one epoch.
struct Keys {
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Keys");
        shown
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// RFC 8446, section 7.3.
    fn of(secret: &[u8]) -> Option<Self> {
        let secret = Prk::new_less_safe(HKDF_SHA256, secret);
        let key = expanded::<16>(&secret, b"tls13 key")?;
        let iv = expanded::<12>(&secret, b"tls13 iv")?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?),
            iv,
            sequence: 0,
        })
    }

    /// RFC 8446, section 5.2; the number of the record is part of its nonce.
    fn open<'a>(&mut self, header: [u8; HEADER], body: &'a mut [u8]) -> Option<&'a [u8]> {
        let number = u128::from(self.sequence).to_be_bytes();
        self.sequence += 1;
        let mut nonce = self.iv;
        for (byte, number) in nonce.iter_mut().zip(&number[4..]) {
            *byte ^= number;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(header), body);
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

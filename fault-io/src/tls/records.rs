//! What has left a socket, read again as TLS 1.2 (RFC 5246) or 1.3 (RFC 8446): the plaintext, the certificate that was shown, the
//! alert that was last. It has the bytes that the kernel took and the secrets of the key log, and shares no code with what sealed
//! them.
//!
//! - `message`: what is in a handshake; `secrets`: the key log; `keys`: what is derived from it, and opens records

mod keys;
mod message;
mod secrets;

use std::sync::Arc;

use keys::Keys;
use message::Hello;
pub(super) use secrets::Secrets;

use super::{Farewell, TlsVersion};

/// Length of a record's header.
const HEADER: usize = 5;

/// Content types (RFC 8446, section 5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// What has left.
#[derive(Debug)]
pub(crate) struct Records {
    secrets: Arc<Secrets>,
    /// The beginning of a record whose end has not left.
    partial: Vec<u8>,
    hello: Option<Hello>,
    keys: Option<Keys>,
    /// From here on everything is sealed; only TLS 1.2 says so.
    changed: bool,
    /// The server's `Finished` has left: from here on TLS 1.3 uses other keys.
    finished: bool,
    handshake: Vec<u8>,
    certificate: Option<Vec<u8>>,
    plaintext: Vec<u8>,
    farewell: Farewell,
}

impl Records {
    pub(super) fn new(secrets: Arc<Secrets>) -> Self {
        Self {
            secrets,
            partial: Vec::new(),
            hello: None,
            keys: None,
            changed: false,
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

    /// The version that the server's hello has named.
    pub(crate) fn version(&self) -> Option<TlsVersion> {
        Some(self.hello?.version)
    }

    pub(super) fn begin(&mut self) {
        self.plaintext.clear();
    }

    /// These bytes have left.
    pub(super) fn left(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        while let Some((header, body)) = message::take_record(&mut self.partial) {
            self.record(header, body);
        }
    }

    fn record(&mut self, header: [u8; HEADER], body: Vec<u8>) {
        if matches!(self.farewell, Farewell::Alert(_) | Farewell::Unreadable) {
            // Nothing may follow the alert that ends a connection.
            self.farewell = Farewell::Unreadable;
            return;
        }
        let opened = match self.is_sealed(header[0]) {
            true => self.open(header, body),
            // What a server says is never in the clear.
            false => Some((header[0], body)).filter(|(kind, _)| *kind != APPLICATION_DATA),
        };
        match opened {
            Some((APPLICATION_DATA, content)) => self.plaintext.extend_from_slice(&content),
            Some((ALERT, content)) => self.alert(&content),
            Some((HANDSHAKE, content)) => self.handshake(&content),
            // In TLS 1.3 it means nothing.
            Some((CHANGE_CIPHER_SPEC, _)) => {
                self.changed = self.version() == Some(TlsVersion::Tls12);
            }
            _ => self.farewell = Farewell::Unreadable,
        }
    }

    fn is_sealed(&self, kind: u8) -> bool {
        match self.version() {
            Some(TlsVersion::Tls12) => self.changed,
            Some(TlsVersion::Tls13) => kind == APPLICATION_DATA,
            None => false,
        }
    }

    fn alert(&mut self, content: &[u8]) {
        self.farewell = match content {
            [_, description] => Farewell::Alert(*description),
            _ => Farewell::Unreadable,
        };
    }

    fn open(&mut self, header: [u8; HEADER], body: Vec<u8>) -> Option<(u8, Vec<u8>)> {
        if self.keys.is_none() {
            self.keys = self.derived();
        }
        self.keys.as_mut()?.open(header, body)
    }

    /// The keys of the epoch that has begun.
    fn derived(&self) -> Option<Keys> {
        let known = self.secrets.known();
        let hello = self.hello.as_ref()?;
        match (hello.version, self.finished) {
            (TlsVersion::Tls12, _) => {
                let (client_random, master) = known.master.as_ref()?;
                Keys::of_master(master, client_random, &hello.random)
            }
            (TlsVersion::Tls13, false) => Keys::of_traffic(known.handshake.as_deref()?),
            (TlsVersion::Tls13, true) => Keys::of_traffic(known.traffic.as_deref()?),
        }
    }

    fn handshake(&mut self, content: &[u8]) {
        if self.finished {
            // A message after the handshake, such as one that changes keys: none is expected.
            return;
        }
        self.handshake.extend_from_slice(content);
        while let Some((kind, message)) = message::take_first(&mut self.handshake) {
            match kind {
                message::SERVER_HELLO => self.hello = Hello::read(&message),
                message::CERTIFICATE => {
                    let version = self.version();
                    let shown =
                        version.map(|version| message::first_certificate(version, &message));
                    self.certificate = shown.flatten();
                }
                message::FINISHED => self.finish(),
                _ => {}
            }
        }
    }

    fn finish(&mut self) {
        self.finished = true;
        if self.version() == Some(TlsVersion::Tls13) {
            self.keys = None;
        }
    }
}

//! TLS inside the tap: records are sealed and opened here, and the tap decides when they leave. Knows nothing of sockets, HTTP or
//! faults.
//!
//! Versions 1.2 and 1.3 with one cipher suite each, the one that everybody has (RFC 8446, section 9.1; RFC 9325, section 4.2), and no
//! resumption: so every connection shows its certificate, and what leaves can be read again by [`records`], which shares nothing with
//! this.
//!
//! - `identity`: whom a connection claims to be; `alert`: alerts of our own choice; `records`: the independent reader
//! - `version`: which TLS is spoken

mod alert;
mod identity;
mod records;
mod version;

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use rustls::{AlertDescription, ServerConnection};

pub(crate) use alert::plain_alert;
pub use identity::{Identity, Unusable};
use records::{Records, Secrets};
pub use version::TlsVersion;

/// Most plaintext in one record (RFC 8446, section 5.1).
const RECORD: usize = 1 << 14;

/// What was last said about the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The connection is not over TLS, so there is nothing to say.
    Plain,
    /// No alert has left.
    Unsaid,
    /// This alert has, as the last thing; 0 is `close_notify` (RFC 8446, section 6).
    Alert(u8),
    /// What has left cannot be read as TLS.
    Unreadable,
}

/// The TLS side of a connection.
#[derive(Debug)]
pub(crate) struct Session {
    /// Nothing once an alert of ours has taken the keys.
    rustls: Option<ServerConnection>,
    /// Sealed, and not yet taken by the kernel.
    outgoing: Bytes,
    records: Records,
    /// The peer has said that it sends no more.
    peer_is_done: bool,
    /// The alert with which the peer has refused us.
    refused: Option<u8>,
}

impl Session {
    pub(crate) fn new(identity: &Identity) -> Result<Self, Unusable> {
        let secrets = Arc::new(Secrets::default());
        let rustls = identity.connection(Arc::clone(&secrets))?;
        Ok(Self {
            rustls: Some(rustls),
            outgoing: Bytes::new(),
            records: Records::new(secrets),
            peer_is_done: false,
            refused: None,
        })
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        let rustls = self.rustls.as_ref();
        rustls.is_some_and(|rustls| rustls.is_handshaking())
    }

    /// Seals as much as goes into one record; how much that is.
    pub(crate) fn seal(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rustls = self.rustls.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let sealed = rustls.writer().write(&bytes[..bytes.len().min(RECORD)])?;
        self.gather();
        Ok(sealed)
    }

    /// Seals the `close_notify`.
    pub(crate) fn seal_close_notify(&mut self) {
        if let Some(rustls) = &mut self.rustls {
            rustls.send_close_notify();
        }
        self.gather();
    }

    /// Seals a fatal alert. Nothing can be sealed after it.
    pub(crate) fn seal_alert(&mut self, description: u8) {
        self.gather();
        let Some(rustls) = self.rustls.take() else {
            return;
        };
        let version = rustls.protocol_version().and_then(TlsVersion::agreed);
        let (Some(version), Ok(secrets)) = (version, rustls.dangerous_extract_secrets()) else {
            return;
        };
        let (sequence, keys) = secrets.tx;
        if let Some(record) = alert::sealed(version, sequence, &keys, description) {
            self.append(&record);
        }
    }

    /// What has to leave next.
    pub(crate) fn outgoing(&mut self) -> Bytes {
        self.gather();
        self.outgoing.clone()
    }

    /// So many bytes of [`Session::outgoing`] have left.
    pub(crate) fn left(&mut self, bytes: usize) {
        self.records.left(&self.outgoing[..bytes]);
        self.outgoing.advance(bytes);
    }

    /// Takes sealed bytes of the peer.
    pub(crate) fn accept(&mut self, mut sealed: &[u8]) -> Result<(), rustls::Error> {
        while !sealed.is_empty() {
            let Some(rustls) = &mut self.rustls else {
                return Ok(());
            };
            let read = rustls.read_tls(&mut sealed);
            let processed = rustls.process_new_packets();
            self.gather();
            match processed {
                Ok(state) => self.peer_is_done |= state.peer_has_closed(),
                Err(error) => {
                    self.refused = received_alert(&error);
                    return Err(error);
                }
            }
            // Its buffer is full of plaintext that nobody has taken: that is a matter of a peer that sends without end.
            if matches!(read, Ok(0) | Err(_)) {
                return Err(rustls::Error::General("too much at once".to_owned()));
            }
        }
        Ok(())
    }

    /// Appends plaintext of the peer, up to so many bytes.
    pub(crate) fn read(&mut self, into: &mut Vec<u8>, at_most: usize) -> usize {
        let Some(rustls) = &mut self.rustls else {
            return 0;
        };
        let begin = into.len();
        into.resize(begin + at_most, 0);
        let read = rustls.reader().read(&mut into[begin..]).unwrap_or(0);
        into.truncate(begin + read);
        read
    }

    pub(crate) const fn peer_is_done(&self) -> bool {
        self.peer_is_done
    }

    /// The alert with which the peer has refused us.
    pub(crate) const fn refused(&self) -> Option<u8> {
        self.refused
    }

    /// Forgets the plaintext that has left so far.
    pub(crate) fn begin(&mut self) {
        self.records.begin();
    }

    pub(crate) const fn records(&self) -> &Records {
        &self.records
    }

    fn gather(&mut self) {
        let Some(rustls) = &mut self.rustls else {
            return;
        };
        let mut sealed = Vec::new();
        while rustls.wants_write() {
            // Writing to memory cannot fail.
            if !matches!(rustls.write_tls(&mut sealed), Ok(1..)) {
                break;
            }
        }
        if !sealed.is_empty() {
            self.append(&sealed);
        }
    }

    fn append(&mut self, sealed: &[u8]) {
        self.outgoing = match self.outgoing.is_empty() {
            true => Bytes::copy_from_slice(sealed),
            false => [&self.outgoing[..], sealed].concat().into(),
        };
    }
}

fn received_alert(error: &rustls::Error) -> Option<u8> {
    match error {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}

/// What an alert is called (RFC 8446, section 6), as far as clients send it.
#[must_use]
pub fn alert_name(alert: u8) -> String {
    let name = AlertDescription::from(alert);
    match name {
        AlertDescription::Unknown(_) => format!("alert {alert}"),
        _ => format!("{name:?}"),
    }
}

/// The alert that the TLS library calls so, as it stands in what was recorded of one.
#[must_use]
pub fn alert_named(name: &str) -> Option<u8> {
    (0..=u8::MAX).find(|alert| format!("{:?}", AlertDescription::from(*alert)) == name)
}

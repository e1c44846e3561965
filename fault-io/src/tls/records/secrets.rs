//! The secrets of the server's side, as they become known: a key log in memory. Knows no record.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::KeyLog;

/// What the key log has said.
#[derive(Default)]
pub(in crate::tls) struct Secrets {
    known: Mutex<Known>,
}

/// See each; none is there before the handshake has come so far.
#[derive(Default)]
pub(super) struct Known {
    /// Of TLS 1.3, up to the server's `Finished`.
    pub(super) handshake: Option<Vec<u8>>,
    /// Of TLS 1.3, after it.
    pub(super) traffic: Option<Vec<u8>>,
    /// Of TLS 1.2: the client's random and the master secret.
    pub(super) master: Option<(Vec<u8>, Vec<u8>)>,
}

impl Secrets {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyLog for Secrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut known = self.known();
        match label {
            "SERVER_HANDSHAKE_TRAFFIC_SECRET" => known.handshake = Some(secret.to_vec()),
            "SERVER_TRAFFIC_SECRET_0" => known.traffic = Some(secret.to_vec()),
            "CLIENT_RANDOM" => known.master = Some((client_random.to_vec(), secret.to_vec())),
            _ => {}
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

//! What all connections of a recorder share: where the real provider is, the folder, the keys that were seen, and who is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::address::Upstream;
use super::exchange::{Ending, RecordedExchange};
use super::folder::Folder;
use super::secrets::Secrets;
use super::taken::Taken;
use super::{RecordError, Told};

/// Is told of every exchange.
pub(super) type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// What is shared.
pub(super) struct Desk {
    pub(super) upstream: Upstream,
    /// Where the real provider speaks TLS.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) folder: Folder,
    /// Cancelled when the recorder is to end.
    pub(super) ending: CancellationToken,
    /// Cancelled once an exchange could not be stored.
    pub(super) broken: CancellationToken,
    /// What is being stored: it goes on when the connection that it came from is over.
    pub(super) storing: TaskTracker,
    pub(super) tell: Tell,
    pub(super) state: Mutex<State>,
}

/// What changes.
#[derive(Default)]
pub(super) struct State {
    /// Every key that came, for it may turn up in the answer to somebody else.
    secrets: Secrets,
    pub(super) failure: Option<RecordError>,
}

impl Desk {
    /// Remembers keys.
    pub(super) fn learn(&self, secrets: &Secrets) {
        self.lock().secrets.extend(secrets);
    }

    /// Stores an exchange, and tells of it.
    pub(super) async fn store(self: &Arc<Self>, taken: Taken, ending: Ending) {
        let secrets = self.lock().secrets.clone();
        let (number, asked) = (taken.number, taken.asked());
        let exchange = match taken.conclude(self.upstream.to_string(), ending, &secrets) {
            Ok(exchange) => exchange,
            Err(reason) => {
                let reason = reason.to_string();
                return (self.tell)(Told::NotStored { asked, reason });
            }
        };
        let desk = Arc::clone(self);
        // Waiting for the disk must not stop the other streams.
        let stored = move || desk.keep(number, asked, &exchange);
        let stored = self.storing.spawn_blocking(stored);
        stored.await.expect("storing does not panic");
    }

    fn keep(&self, number: u64, asked: String, exchange: &RecordedExchange) {
        match self.folder.store(number, exchange) {
            Ok(file) => (self.tell)(Told::Stored {
                asked,
                file,
                whole: exchange.is_whole(),
                ending: exchange.ending.to_string(),
            }),
            Err(failure) => {
                self.lock().failure.get_or_insert(failure);
                self.broken.cancel();
            }
        }
    }

    /// Tells that there was no exchange to store.
    pub(super) fn not_stored(&self, method: &str, path: &str, reason: &str) {
        let asked = self.lock().secrets.text(&format!("{method} {path}"));
        let reason = reason.to_owned();
        (self.tell)(Told::NotStored { asked, reason });
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or insertion, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

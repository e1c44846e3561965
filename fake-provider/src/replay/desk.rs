//! What all connections of a replay share: the recordings, the speed, the journal. Knows no bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::{Actor, Fact, Recorder, Subject};
use tokio_util::sync::CancellationToken;

use super::shelf::Shelf;
use super::speed::Speed;
use crate::authority::Authority;
use crate::scrub::Scrub;

/// What is shared.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) shelf: Shelf,
    pub(super) speed: Speed,
    /// Who vouches for us, where TLS is spoken.
    pub(super) authority: Option<Arc<Authority>>,
    pub(super) scrub: Scrub,
    /// Cancelled when the replay is to end.
    pub(super) ending: CancellationToken,
    pub(super) recorder: Recorder,
    pub(super) connections: AtomicU64,
}

impl Desk {
    pub(super) fn record(&self, subject: Subject, fact: Fact) {
        self.recorder.record(Actor::Provider, subject, fact);
    }

    /// Counts a connection; its number, from 1.
    pub(super) fn connection_opened(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::AcqRel) + 1
    }
}

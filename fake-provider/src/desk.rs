//! What all connections of a provider share: the options, the journal, the door, and the counts. Knows no bytes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::{Actor, Fact, Recorder, Subject};
use tokio_util::sync::CancellationToken;

use crate::door::Door;
use crate::options::ProviderOptions;

/// The shared side of a provider.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) options: ProviderOptions,
    pub(crate) door: Door,
    /// Cancelled once, when the provider shuts down.
    pub(crate) ending: CancellationToken,
    recorder: Recorder,
    connections: AtomicU64,
    open: AtomicUsize,
    in_flight: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Entries whose fault has been recorded, in whatever way.
    recorded: BTreeSet<usize>,
    lifted: bool,
    /// Cancelled to close the connections that are idle now.
    idle: CancellationToken,
}

impl Desk {
    pub(crate) fn new(options: ProviderOptions, door: Door, recorder: Recorder) -> Self {
        Self {
            options,
            door,
            ending: CancellationToken::new(),
            recorder,
            connections: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            state: Mutex::default(),
        }
    }

    /// Records one fact of the provider.
    pub(crate) fn record(&self, subject: Subject, fact: Fact) {
        self.recorder.record(Actor::Provider, subject, fact);
    }

    /// Counts a connection in; its number, from 1.
    pub(crate) fn connection_opened(&self) -> u64 {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.connections.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(crate) fn connection_closed(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    pub(crate) fn request_begun(&self) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn request_over(&self) {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn requests_in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Carries no fault out from here on, and opens the door again if a fault has shut it.
    pub(crate) fn lift(&self) {
        self.lock().lifted = true;
        if self.ending.is_cancelled() {
            return;
        }
        match self.door.open() {
            Ok(true) => self.record(Subject::CASE, Fact::ListenerReopened),
            Ok(false) => {}
            // The port is reserved, so only a kernel out of descriptors gets here; every later request is refused, and seen.
            Err(_) => {}
        }
    }

    pub(crate) fn lifted(&self) -> bool {
        self.lock().lifted
    }

    /// Shuts the door and the connections that are idle. Whether the door was open.
    pub(crate) fn shut_door(&self) -> bool {
        let was_open = self.door.shut();
        if was_open {
            self.record(Subject::CASE, Fact::ListenerClosed);
        }
        std::mem::take(&mut self.lock().idle).cancel();
        was_open
    }

    /// Cancelled when connections that are idle now have to close.
    pub(crate) fn idle_ending(&self) -> CancellationToken {
        self.lock().idle.clone()
    }

    /// Remembers that the fault of an entry has been recorded.
    pub(crate) fn fault_recorded(&self, entry: usize) {
        self.lock().recorded.insert(entry);
    }

    pub(crate) fn fault_was_recorded(&self, entry: usize) -> bool {
        self.lock().recorded.contains(&entry)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or insertion, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What all connections of a provider share, whatever namespace their requests belong to: the door, the ending, the counts.
//! Knows no script and no bytes.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::door::Door;
use crate::http::{Limits, Reception};
use crate::metrics::Metrics;
use crate::room::Room;

/// So many bytes of records are kept of all namespaces together.
const RECORDS_BYTES: usize = 256 * 1024 * 1024;

/// So many bytes of conversations are remembered of all namespaces together.
const REMEMBERED_BYTES: usize = 256 * 1024 * 1024;

/// The shared side of all connections.
#[derive(Debug)]
pub(crate) struct Lobby {
    pub(crate) door: Door,
    /// Cancelled once, when everything ends at once.
    pub(crate) ending: CancellationToken,
    pub(crate) metrics: Metrics,
    /// What connections share that have not sent a whole request.
    pub(crate) reception: Arc<Reception>,
    /// What namespaces share that keep records.
    pub(crate) records: Arc<Room>,
    /// What namespaces share that remember answers.
    pub(crate) remembered: Arc<Room>,
    /// Whether nothing new is begun: what is under way goes on to its end.
    closing: AtomicBool,
    /// Whether the door was ever opened.
    opened: AtomicBool,
    /// Cancelled with it.
    closed: CancellationToken,
    connections: AtomicU64,
    open: AtomicUsize,
    in_flight: AtomicUsize,
    /// Cancelled to close the connections that are idle now.
    idle: Mutex<CancellationToken>,
}

impl Lobby {
    pub(crate) fn new(door: Door, limits: Limits) -> Self {
        Self {
            reception: Reception::new(limits),
            records: Arc::new(Room::of(RECORDS_BYTES)),
            remembered: Arc::new(Room::of(REMEMBERED_BYTES)),
            ending: CancellationToken::new(),
            metrics: Metrics::default(),
            closing: AtomicBool::new(false),
            opened: AtomicBool::new(door.is_open()),
            closed: CancellationToken::new(),
            connections: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            idle: Mutex::default(),
            door,
        }
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

    /// Closes the connections that are idle now.
    pub(crate) fn close_idle(&self) {
        let mut idle = self.idle();
        // Once nothing new is begun, whoever becomes idle closes as well.
        if !self.closes() {
            std::mem::take(&mut *idle).cancel();
        }
    }

    /// Cancelled when connections that are idle now have to close.
    pub(crate) fn idle_ending(&self) -> CancellationToken {
        self.idle().clone()
    }

    /// From here on nothing new is begun: the door is shut, idle connections are closed, and the others close with the answer
    /// that is under way.
    pub(crate) fn close(&self) {
        let idle = self.idle();
        self.closing.store(true, Ordering::Release);
        self.closed.cancel();
        self.door.shut();
        idle.cancel();
    }

    /// Waits until nothing new is begun.
    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Whether nothing new is begun.
    pub(crate) fn closes(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Opens the door again that a fault has shut, unless everything ends or it was never opened. Whether it was shut.
    pub(crate) fn reopen(&self) -> std::io::Result<bool> {
        match self.opened.load(Ordering::Acquire) {
            true => self.open(),
            false => Ok(false),
        }
    }

    /// Opens the door, unless everything ends. Whether it was shut.
    pub(crate) fn open(&self) -> std::io::Result<bool> {
        // Held, so that nobody closes in between.
        let _idle = self.idle();
        match self.closes() || self.ending.is_cancelled() {
            true => Ok(false),
            false => {
                let was_shut = self.door.open()?;
                self.opened.store(true, Ordering::Release);
                Ok(was_shut)
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, CancellationToken> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

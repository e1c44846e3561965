//! Follows what a target's processes hold, whenever something was recorded and never on a clock of its own.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::case_log::CaseLog;
use crate::process::holdings;

/// Shortest time between two looks.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(50);

/// How long descriptors may take to settle once nothing is going on, and how often they are looked at.
const SETTLE_WITHIN: Duration = Duration::from_secs(2);
const SETTLE_LOOK: Duration = Duration::from_millis(50);

/// How often a target that has just become ready is looked at, and how long between.
const READY_LOOKS: usize = 4;
const READY_LOOK: Duration = Duration::from_millis(10);

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    mains: BTreeSet<i32>,
    memory_peak_kib: Option<u64>,
    descriptors_before: Option<u64>,
    descriptors_after: Option<u64>,
}

impl Gauges {
    /// A process of the target, to be followed.
    pub(crate) fn add(&self, pid: i32) {
        self.seen().mains.insert(pid);
    }

    /// The target is ready, and no run was given to it: what it holds now is what it needs. The connection on which it said
    /// that it is ready may still be there for a moment, so the least of a few looks counts.
    pub(crate) async fn before(&self, pid: i32) {
        for _ in 0..READY_LOOKS {
            self.look_before(holdings::descriptors(pid));
            tokio::time::sleep(READY_LOOK).await;
        }
    }

    fn look_before(&self, now: Option<u64>) {
        let mut seen = self.seen();
        let least = seen.descriptors_before.into_iter().chain(now).min();
        seen.descriptors_before = least;
    }

    /// Nothing is going on any more: what it holds beyond what it held before has grown. Waits a little for it to settle.
    pub(crate) async fn after(&self, pid: i32) {
        let began = tokio::time::Instant::now();
        loop {
            let now = holdings::descriptors(pid);
            let before = self.seen().descriptors_before;
            self.seen().descriptors_after = now;
            if now <= before || began.elapsed() >= SETTLE_WITHIN {
                return;
            }
            tokio::time::sleep(SETTLE_LOOK).await;
        }
    }

    /// How many descriptors more there are than before the first run.
    pub(crate) fn descriptors_grown(&self) -> Option<i64> {
        let seen = self.seen();
        let after = i64::try_from(seen.descriptors_after?).ok()?;
        Some(after - i64::try_from(seen.descriptors_before?).ok()?)
    }

    /// Every process that was followed.
    pub(crate) fn processes(&self) -> Vec<i32> {
        self.seen().mains.iter().copied().collect()
    }

    /// The most memory that any process had resident.
    pub(crate) fn memory_peak_kib(&self) -> Option<u64> {
        self.look();
        self.seen().memory_peak_kib
    }

    fn look(&self) {
        let mut seen = self.seen();
        let mains = seen.mains.iter();
        let now = mains
            .filter_map(|pid| holdings::memory_peak_kib(*pid))
            .max();
        seen.memory_peak_kib = seen.memory_peak_kib.max(now);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whenever something was recorded, until told to stop.
pub(crate) async fn follow(gauges: Arc<Gauges>, log: Arc<CaseLog>, stop: CancellationToken) {
    let mut changed = log.watch();
    let looking = async {
        while changed.changed().await.is_ok() {
            gauges.look();
            tokio::time::sleep(LOOK_AT_MOST_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = looking => {}
    }
}

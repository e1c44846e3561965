//! What all connections share while they have said nothing yet, or have not said all: seats for those that wait, of which the one that
//! waits longest gives way, and room for what is being received. Knows no bytes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Limits;

/// Seats and room.
#[derive(Debug, Default)]
pub(crate) struct Reception {
    limits: Limits,
    /// Those that wait, by when they began.
    waiting: Mutex<BTreeMap<u64, CancellationToken>>,
    next: AtomicU64,
    receiving: AtomicUsize,
}

impl Reception {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            ..Self::default()
        })
    }

    /// A place for one connection, which does not wait yet.
    pub(crate) fn seat(self: &Arc<Self>) -> Seat {
        Seat {
            reception: Arc::clone(self),
            receives: Arc::default(),
            waits_since: None,
            taken: CancellationToken::new(),
        }
    }

    /// Closes the connection that waits longest. Whether there was one.
    pub(crate) fn make_room(&self) -> bool {
        match self.waiting().pop_first() {
            Some((_, oldest)) => {
                oldest.cancel();
                true
            }
            None => false,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, CancellationToken>> {
        // Every change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place among those that wait.
#[derive(Debug)]
pub(crate) struct Seat {
    reception: Arc<Reception>,
    /// Bytes of its requests that are being received.
    receives: Arc<AtomicUsize>,
    waits_since: Option<u64>,
    /// Cancelled when another took it.
    taken: CancellationToken,
}

impl Seat {
    pub(crate) fn limits(&self) -> &Limits {
        &self.reception.limits
    }

    /// Begins to wait. Where too many do, the one that waits longest has to go.
    pub(crate) fn wait(&mut self) {
        self.leave();
        let number = self.reception.next.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.reception.waiting();
        waiting.insert(number, self.taken.clone());
        self.waits_since = Some(number);
        if waiting.len() > self.reception.limits.waiting
            && let Some((_, oldest)) = waiting.pop_first()
        {
            oldest.cancel();
        }
    }

    /// Waits no longer, and cannot be closed for it.
    pub(crate) fn leave(&mut self) {
        if let Some(number) = self.waits_since.take() {
            self.reception.waiting().remove(&number);
        }
    }

    /// Until another has taken it.
    pub(crate) async fn taken(&self) {
        self.taken.cancelled().await;
    }

    /// Room for one request that is received.
    pub(crate) fn hold(&self) -> Held {
        Held {
            reception: Arc::clone(&self.reception),
            receives: Arc::clone(&self.receives),
            bytes: 0,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Room that a request takes while it is received. What is free is the connection's, however many requests it sends at once.
#[derive(Debug)]
pub(crate) struct Held {
    reception: Arc<Reception>,
    receives: Arc<AtomicUsize>,
    bytes: usize,
}

impl Held {
    /// Takes room for so many bytes in all. Whether there is any.
    pub(super) fn grow(&mut self, received: usize) -> bool {
        let more = received.saturating_sub(self.bytes);
        self.bytes += more;
        let before = self.receives.fetch_add(more, Ordering::AcqRel);
        let more = beyond(before + more) - beyond(before);
        if more == 0 {
            return true;
        }
        let before = self.reception.receiving.fetch_add(more, Ordering::AcqRel);
        before.saturating_add(more) <= self.reception.limits.receiving_bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let before = self.receives.fetch_sub(self.bytes, Ordering::AcqRel);
        let less = beyond(before) - beyond(before - self.bytes);
        self.reception.receiving.fetch_sub(less, Ordering::AcqRel);
    }
}

/// How much of what a connection receives is not free.
const fn beyond(received: usize) -> usize {
    received.saturating_sub(Limits::FREE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reception(waiting: usize) -> Arc<Reception> {
        Reception::new(Limits {
            waiting,
            receiving_bytes: 100,
            ..Limits::default()
        })
    }

    #[test]
    fn the_one_that_waits_longest_gives_way() {
        let reception = reception(2);
        let mut seats: Vec<Seat> = (0..3).map(|_| reception.seat()).collect();
        seats[0].wait();
        seats[1].wait();
        seats[0].wait();
        seats[2].wait();
        let taken: Vec<bool> = seats.iter().map(|seat| seat.taken.is_cancelled()).collect();
        assert_eq!(taken, [false, true, false]);
    }

    #[test]
    fn whoever_has_left_is_not_asked_to() {
        let reception = reception(1);
        let (mut first, mut second) = (reception.seat(), reception.seat());
        first.wait();
        first.leave();
        second.wait();
        drop(first);
        assert!(!second.taken.is_cancelled());
        assert!(reception.make_room() && second.taken.is_cancelled());
        assert!(!reception.make_room());
    }

    #[test]
    fn room_is_bounded_and_given_back() {
        let reception = reception(1);
        let seats = [reception.seat(), reception.seat(), reception.seat()];
        let [mut first, mut second, mut third] = seats.map(|seat| seat.hold());
        assert!(first.grow(Limits::FREE_BYTES) && first.grow(Limits::FREE_BYTES + 60));
        assert!(second.grow(Limits::FREE_BYTES));
        assert!(!second.grow(Limits::FREE_BYTES + 41));
        drop(second);
        assert!(third.grow(Limits::FREE_BYTES + 40));
    }

    #[test]
    fn what_is_free_is_free_once_for_a_connection() {
        let reception = reception(1);
        let seat = reception.seat();
        let mut requests: Vec<Held> = (0..3).map(|_| seat.hold()).collect();
        let half = Limits::FREE_BYTES / 2;
        assert!(requests[0].grow(half) && requests[1].grow(half + 60));
        assert!(!requests[2].grow(41));
        requests.swap_remove(1);
        assert!(requests[0].grow(Limits::FREE_BYTES));
        drop(requests);
        assert_eq!(reception.receiving.load(Ordering::Acquire), 0);
    }
}

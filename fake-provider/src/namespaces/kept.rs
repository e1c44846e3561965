//! The newest records of a namespace: as many as fit, the oldest dropped first, and said how many were.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Record;
use tokio::sync::Notify;

use crate::room::{Holds, Room};

/// What is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    most: usize,
    room: Arc<Room>,
    bytes: AtomicUsize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    records: VecDeque<Record>,
    /// How many bytes each of them takes.
    bytes: VecDeque<usize>,
    dropped: u64,
}

/// What is kept at one moment, as it was looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) records: &'a VecDeque<Record>,
    /// How many older ones are gone.
    pub(crate) dropped: u64,
}

impl Kept {
    /// So many at most, and one at least, as long as there is room.
    pub(crate) fn new(most: usize, room: &Arc<Room>) -> Arc<Self> {
        let kept = Arc::new(Self {
            most: most.max(1),
            room: Arc::clone(room),
            bytes: AtomicUsize::new(0),
            state: Mutex::default(),
            changed: Notify::new(),
        });
        let weak = Arc::downgrade(&kept);
        room.enter(weak);
        kept
    }

    pub(crate) fn keep(&self, record: Record) {
        let bytes = bytes_of(&record);
        self.room.take(bytes);
        let mut state = self.lock();
        if state.records.len() >= self.most {
            self.drop_oldest(&mut state);
        }
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        state.records.push_back(record);
        state.bytes.push_back(bytes);
        drop(state);
        self.room.settle();
        self.changed.notify_waiters();
    }

    /// Forgets everything, and that anything was dropped.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        self.let_go(state.bytes.iter().sum());
        *state = State::default();
    }

    /// Whether there was any.
    fn drop_oldest(&self, state: &mut State) -> bool {
        let bytes = state.bytes.pop_front();
        self.let_go(bytes.unwrap_or(0));
        let oldest = state.records.pop_front();
        state.dropped += u64::from(oldest.is_some());
        oldest.is_some()
    }

    fn let_go(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.room.give_back(bytes);
    }

    /// Looks at what is kept.
    pub(crate) fn with<T>(&self, look: impl FnOnce(Held<'_>) -> T) -> T {
        let state = self.lock();
        look(Held {
            records: &state.records,
            dropped: state.dropped,
        })
    }

    /// Looks until something is found. Never ends where nothing is: bound it.
    pub(crate) async fn until<T>(&self, look: impl Fn(Held<'_>) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Whatever comes after the look is noticed.
            changed.as_mut().enable();
            if let Some(found) = self.with(&look) {
                return found;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A record dropped and not counted is the worst that a panic in between could leave.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holds for Kept {
    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    fn forget_oldest(&self) -> bool {
        self.drop_oldest(&mut self.lock())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.clear();
    }
}

/// What a record takes: itself, and its texts, of which as many bytes are told.
fn bytes_of(record: &Record) -> usize {
    let mut told = Count(0);
    // What cannot be told is not longer than what could be.
    let _ = serde_json::to_writer(&mut told, record);
    size_of_val(record) + told.0
}

/// Counts what is written.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use journal::{Actor, Fact, Recorder, Subject};

    use super::*;

    #[tokio::test]
    async fn the_oldest_is_dropped_and_counted() {
        let kept = Kept::new(2, &Arc::new(Room::of(usize::MAX)));
        let sink = Arc::clone(&kept);
        let recorder = Recorder::forwarding(
            Arc::new(|| Duration::ZERO),
            Arc::new(move |record| sink.keep(record.clone())),
        );
        let third = kept.until(|held| held.records.iter().find(|one| one.seq == 3).cloned());
        let once = || recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerClosed);
        let record = async { (once(), once(), once()) };
        let (third, _) = tokio::join!(third, record);
        assert_eq!(third.seq, 3);
        let seen = kept.with(|held| {
            let seqs: Vec<_> = held.records.iter().map(|record| record.seq).collect();
            (seqs, held.dropped)
        });
        assert_eq!(seen, (vec![2, 3], 1));
        kept.clear();
        assert_eq!(kept.with(|held| (held.records.len(), held.dropped)), (0, 0));
    }
    fn said(bytes: usize) -> Record {
        Record {
            format: 1,
            seq: 1,
            t_ns: 0,
            actor: Actor::Provider,
            actor_seq: 1,
            run: None,
            call: None,
            attempt: None,
            fact: Fact::Unscripted {
                what: "a".repeat(bytes),
            },
        }
    }

    #[test]
    fn what_all_keep_fits_and_whoever_is_gone_keeps_nothing() {
        let room = Arc::new(Room::of(100_000));
        let (quiet, busy) = (Kept::new(10_000, &room), Kept::new(10_000, &room));
        quiet.keep(said(1_000));
        for _ in 0..1_000 {
            busy.keep(said(5_000));
        }
        assert_eq!(
            quiet.with(|held| (held.records.len(), held.dropped)),
            (1, 0)
        );
        let (records, dropped) = busy.with(|held| (held.records.len(), held.dropped));
        assert!((10..20).contains(&records), "{records}");
        assert_eq!(records as u64 + dropped, 1_000);
        assert!(quiet.bytes() + busy.bytes() <= 100_000);
        drop(busy);
        for _ in 0..50 {
            quiet.keep(said(1_000));
        }
        assert_eq!(
            quiet.with(|held| (held.records.len(), held.dropped)),
            (51, 0)
        );
    }
}

//! The newest records of a namespace: as many as fit, the oldest dropped first, and said how many were.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::Record;
use tokio::sync::Notify;

/// What is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    most: usize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    records: VecDeque<Record>,
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
    /// So many at most, and one at least.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(crate) fn keep(&self, record: Record) {
        let mut state = self.lock();
        if state.records.len() >= self.most {
            state.records.pop_front();
            state.dropped += 1;
        }
        state.records.push_back(record);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Forgets everything, and that anything was dropped.
    pub(crate) fn clear(&self) {
        *self.lock() = State::default();
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use journal::{Actor, Fact, Recorder, Subject};

    use super::*;

    #[tokio::test]
    async fn the_oldest_is_dropped_and_counted() {
        let kept = Arc::new(Kept::new(2));
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
}

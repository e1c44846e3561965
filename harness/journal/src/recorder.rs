//! The one writer of a journal. It is handed its clock, so that simulated time works.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::fact::Fact;
use crate::record::{Actor, FORMAT, Journal, Record, Subject};

/// Tells the time since the case began.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Takes facts from every actor of a case and gives them their one order. Cheap to clone; all clones write one journal.
#[derive(Clone)]
pub struct Recorder {
    clock: Clock,
    state: Arc<Mutex<State>>,
    changed: Arc<dyn Fn() + Send + Sync>,
    /// Whether anybody wants to know anything.
    listens: bool,
}

/// Takes each record as it is made.
pub type Sink = Arc<dyn Fn(&Record) + Send + Sync>;

#[derive(Default)]
struct State {
    records: Vec<Record>,
    /// How many there have been, kept or not.
    count: u64,
    /// Takes the records instead of `records`.
    sink: Option<Sink>,
    actor_seq: BTreeMap<Actor, u64>,
}

impl Recorder {
    /// A recorder on this clock. `changed` is called after every record, outside the lock: wake whoever waits for facts.
    #[must_use]
    pub fn new(clock: Clock, changed: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            clock,
            state: Arc::default(),
            changed,
            listens: true,
        }
    }

    /// A recorder of which nobody wants to know anything.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            listens: false,
            ..Self::new(Arc::new(|| Duration::ZERO), Arc::new(|| {}))
        }
    }

    /// Whether anybody wants to know what is recorded. Where nobody does, a fact that is dear to find out need not be found out.
    #[must_use]
    pub const fn listens(&self) -> bool {
        self.listens
    }

    /// A recorder that hands every record on, in order, and keeps none: for what runs for a long time.
    /// [`Recorder::with`] and [`Recorder::journal`] see nothing of them.
    #[must_use]
    pub fn forwarding(clock: Clock, sink: Sink) -> Self {
        let recorder = Self::new(clock, Arc::new(|| {}));
        recorder.lock().sink = Some(sink);
        recorder
    }

    /// Records one fact.
    pub fn record(&self, actor: Actor, subject: Subject, fact: Fact) {
        if !self.listens {
            return;
        }
        let mut state = self.lock();
        let t_ns = u64::try_from((self.clock)().as_nanos()).unwrap_or(u64::MAX);
        let actor_seq = state.actor_seq.entry(actor).or_default();
        *actor_seq += 1;
        let actor_seq = *actor_seq;
        state.count += 1;
        let Subject { run, call, attempt } = subject;
        let record = Record {
            format: FORMAT,
            seq: state.count,
            t_ns,
            actor,
            actor_seq,
            run,
            call,
            attempt,
            fact,
        };
        match &state.sink {
            Some(sink) => sink(&record),
            None => state.records.push(record),
        }
        drop(state);
        (self.changed)();
    }

    /// The time on the case's clock.
    #[must_use]
    pub fn now(&self) -> Duration {
        (self.clock)()
    }

    /// Looks at the records so far.
    pub fn with<T>(&self, look: impl FnOnce(&[Record]) -> T) -> T {
        look(&self.lock().records)
    }

    /// The journal as it stands.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal {
            records: self.lock().records.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A record is pushed whole or not at all, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("records", &self.lock().records.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_hears_nothing() {
        let recorder = Recorder::nobody();
        recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerClosed);
        assert!(!recorder.listens() && recorder.journal().records.is_empty());
    }

    #[test]
    fn order_is_given_at_receipt_over_all_actors_and_within_each() {
        let recorder = Recorder::new(Arc::new(|| Duration::from_millis(3)), Arc::new(|| {}));
        recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerClosed);
        recorder.record(Actor::Runner, Subject::run(1), Fact::FaultsLifted);
        recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerReopened);
        let records = recorder.journal().records;
        let order: Vec<_> = records
            .iter()
            .map(|record| (record.seq, record.actor_seq, record.t_ns))
            .collect();
        assert_eq!(
            order,
            [(1, 1, 3_000_000), (2, 1, 3_000_000), (3, 2, 3_000_000)]
        );
    }

    #[test]
    fn a_forwarding_recorder_hands_records_on_and_keeps_none() {
        let (tell, told) = std::sync::mpsc::channel();
        let sink: Sink = Arc::new(move |record: &Record| {
            tell.send(record.seq).expect("somebody listens");
        });
        let recorder = Recorder::forwarding(Arc::new(|| Duration::ZERO), sink);
        recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerClosed);
        recorder.record(Actor::Provider, Subject::CASE, Fact::ListenerReopened);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2]);
        assert!(recorder.journal().records.is_empty());
    }
}

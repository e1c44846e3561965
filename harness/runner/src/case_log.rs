//! Where every part of the runner writes what it sees: replaces machine values, looks for keys, wakes whoever waits.
//!
//! Nothing here judges. Text that a target wrote reaches the journal only through [`CaseLog::shown`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use journal::{Actor, Fact, Journal, Record, Recorder, Subject};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::aliases::Aliases;
use crate::canary::Canary;

/// Most records of one case. A target that spins fills memory instead of time, and simulated time would never pass.
const RECORDS_MAX: usize = 50_000;

/// The journal of a running case, seen from the runner.
pub(crate) struct CaseLog {
    pub(crate) recorder: Recorder,
    pub(crate) aliases: Aliases,
    /// Cancelled once there are more records than any honest case has.
    pub(crate) flooded: CancellationToken,
    canaries: [Canary; 2],
    changed: watch::Sender<()>,
    search: Mutex<Search>,
}

#[derive(Default)]
struct Search {
    places: u64,
    found: BTreeSet<(String, &'static str)>,
    tails: BTreeMap<(Option<u32>, String), String>,
}

impl CaseLog {
    /// The log of a case that begins now.
    pub(crate) fn begin(seed: u64) -> Arc<Self> {
        let began = tokio::time::Instant::now();
        let (changed, _) = watch::channel(());
        let flooded = CancellationToken::new();
        let wake = waker(changed.clone(), flooded.clone());
        let canaries = [Canary::provider_key(seed), Canary::gateway_key(seed)];
        let aliases = Aliases::default();
        for (real, alias) in canaries.iter().flat_map(Canary::aliases) {
            aliases.add(real, alias);
        }
        Arc::new(Self {
            recorder: Recorder::new(Arc::new(move || began.elapsed()), wake),
            aliases,
            flooded,
            canaries,
            changed,
            search: Mutex::default(),
        })
    }

    /// The key that the target presents to the provider.
    pub(crate) fn provider_key(&self) -> &Canary {
        &self.canaries[0]
    }

    /// The key that clients present to the target.
    pub(crate) fn gateway_key(&self) -> &Canary {
        &self.canaries[1]
    }

    /// Records what the runner did or saw of the whole case.
    pub(crate) fn runner(&self, fact: Fact) {
        self.recorder.record(Actor::Runner, Subject::CASE, fact);
    }

    /// Records what the runner did or saw of a run, or of the whole case.
    pub(crate) fn runner_about(&self, run: Option<u32>, fact: Fact) {
        self.recorder.record(Actor::Runner, subject(run), fact);
    }

    /// Records what the client of a run did or saw.
    pub(crate) fn client(&self, run: u32, fact: Fact) {
        self.recorder.record(Actor::Client, Subject::run(run), fact);
    }

    /// Records what the target says of itself.
    pub(crate) fn target(&self, run: Option<u32>, fact: Fact) {
        self.recorder.record(Actor::Target, subject(run), fact);
    }

    /// Text that the target wrote, fit for the journal. Searches it for the keys; `place` says where it was seen.
    pub(crate) fn shown(&self, run: Option<u32>, place: &str, raw: &str) -> String {
        self.searched(run, place, raw.as_bytes());
        self.aliases.apply(raw)
    }

    /// As [`shown`](Self::shown), for text that arrives in pieces: a key may be spread over several.
    pub(crate) fn shown_piece(&self, run: Option<u32>, place: &str, piece: &str) -> String {
        self.search().places += 1;
        self.look_across(run, place, piece);
        self.aliases.apply(piece)
    }

    /// Looks for the keys in a piece and across its edge to the one before. How a stream falls into pieces is chance, so they
    /// are not counted as places.
    pub(crate) fn look_across(&self, run: Option<u32>, place: &str, piece: &str) {
        let keep = self.canaries.iter().map(Canary::longest).max().unwrap_or(0);
        let key = (run, place.to_owned());
        let mut text = self.search().tails.remove(&key).unwrap_or_default();
        text.push_str(piece);
        self.look(run, place, text.as_bytes());
        let mut cut = text.len().saturating_sub(keep);
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        self.search().tails.insert(key, text.split_off(cut));
    }

    /// Searches one more place for the keys. A find is recorded once per place and form.
    pub(crate) fn searched(&self, run: Option<u32>, place: &str, bytes: &[u8]) {
        self.search().places += 1;
        self.look(run, place, bytes);
    }

    fn look(&self, run: Option<u32>, place: &str, bytes: &[u8]) {
        for canary in &self.canaries {
            let Some(form) = canary.found_in(bytes) else {
                continue;
            };
            if self.search().found.insert((place.to_owned(), form)) {
                let place = place.to_owned();
                let form = form.to_owned();
                self.runner_about(run, Fact::CanaryFound { place, form });
            }
        }
    }

    /// How many places were searched so far.
    pub(crate) fn places_searched(&self) -> u64 {
        self.search().places
    }

    /// Waits until `look` finds something, at most `within`. It is shown all records first, then those that are new.
    pub(crate) async fn wait<T>(
        &self,
        within: Duration,
        mut look: impl FnMut(&[Record]) -> Option<T>,
    ) -> Option<T> {
        let mut changed = self.changed.subscribe();
        let mut shown = 0;
        let mut look = || {
            self.recorder.with(|records| {
                let fresh = &records[shown..];
                shown = records.len();
                look(fresh)
            })
        };
        let found = async {
            let mut found = look();
            while found.is_none() && changed.changed().await.is_ok() {
                found = look();
            }
            found
        };
        tokio::time::timeout(within, found).await.ok().flatten()
    }

    /// Tells of every record from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The journal, machine values replaced in the records of every actor.
    pub(crate) fn journal(&self) -> Journal {
        let mut journal = self.recorder.journal();
        for record in &mut journal.records {
            self.clean(record);
        }
        journal
    }

    /// Tool results in a provider's request may carry paths; only such records are taken apart.
    fn clean(&self, record: &mut Record) {
        let Ok(line) = serde_json::to_string(record) else {
            return;
        };
        if !self.aliases.occur_in(&line) {
            return;
        }
        let cleaned = serde_json::from_str(&line).and_then(|mut value| {
            self.aliases.apply_to(&mut value);
            serde_json::from_value(value)
        });
        if let Ok(cleaned) = cleaned {
            *record = cleaned;
        }
    }

    fn search(&self) -> MutexGuard<'_, Search> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Called after every record: wakes whoever waits, and counts.
fn waker(changed: watch::Sender<()>, flooded: CancellationToken) -> Arc<dyn Fn() + Send + Sync> {
    let records = AtomicUsize::new(0);
    Arc::new(move || {
        if records.fetch_add(1, Ordering::Relaxed) == RECORDS_MAX {
            flooded.cancel();
        }
        changed.send_replace(());
    })
}

fn subject(run: Option<u32>) -> Subject {
    run.map_or(Subject::CASE, Subject::run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_spread_over_two_pieces_is_found() {
        let log = CaseLog::begin(3);
        let key = log.provider_key().key.clone();
        let (a, b) = key.split_at(9);
        log.shown_piece(Some(1), "text", &format!("é {a}"));
        log.shown_piece(Some(1), "text", b);
        log.shown_piece(Some(1), "text", "and no more");
        let found = |record: &Record| matches!(record.fact, Fact::CanaryFound { .. });
        let records = log.journal().records;
        assert_eq!(records.iter().filter(|record| found(record)).count(), 1);
        assert_eq!(records[0].run, Some(1));
        assert_eq!(log.places_searched(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn no_key_enters_the_journal_whoever_recorded_it() {
        let log = CaseLog::begin(3);
        let key = log.provider_key().key.clone();
        let message = format!("no such key: {key}");
        let rule = "unknown".to_owned();
        let refused = Fact::RequestRefused { rule, message };
        log.recorder
            .record(Actor::Provider, Subject::run(1), refused);
        let text = format!("{:?}", log.journal());
        assert!(text.contains("no such key: canary-1"), "{text}");
        assert!(!text.contains(&key));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_the_fact_or_with_the_bound() {
        let log = CaseLog::begin(0);
        let lifted = |records: &[Record]| {
            let found = records
                .iter()
                .any(|record| record.fact == Fact::FaultsLifted);
            found.then_some(())
        };
        assert!(log.wait(Duration::from_secs(5), lifted).await.is_none());
        let writer = log.clone();
        let write = async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            writer.runner(Fact::FaultsLifted);
        };
        let (found, ()) = tokio::join!(log.wait(Duration::from_secs(5), lifted), write);
        assert!(found.is_some());
    }
}

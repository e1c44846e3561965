//! Which runs the gateway knows: admission, idempotency, and for how long an ended run is remembered. Runs nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use tokio::time::Instant;

use super::idempotency::IdempotencyKey;
use super::refusal::Refusal;
use super::run::Run;

/// How many runs may go on, and how long ended ones are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Most runs under way at once; 0 switches the limit off.
    pub concurrent: usize,
    /// How long an ended run can still be read.
    pub kept_for: Duration,
    /// Most ended runs that are kept; the oldest go first.
    pub kept_runs: usize,
    /// Most bytes of event logs of ended runs that are kept; the oldest go first.
    pub kept_bytes: usize,
}

/// The runs of one gateway, oldest first.
#[derive(Debug)]
pub(super) struct Runs {
    limits: RunLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    draining: bool,
    runs: IndexMap<String, Arc<Run>>,
    keys: BTreeMap<String, KeyUse>,
}

/// What an idempotency key was used for.
#[derive(Debug)]
struct KeyUse {
    body: [u8; 32],
    run_id: String,
}

/// What became of a request to start a run.
#[derive(Debug)]
pub(super) enum Admitted {
    /// It is a new run, which the caller must now start.
    New(Arc<Run>),
    /// It repeats a request whose run is already known.
    Repeated(Arc<Run>),
}

impl Runs {
    pub(super) fn new(limits: RunLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    /// Says whether a run could be admitted now, before the body of the request is read.
    ///
    /// # Errors
    /// A 503 while draining, a 429 at the limit.
    pub(super) fn check_room(&self) -> Result<(), Refusal> {
        let state = self.lock();
        self.room(&state)
    }

    /// A 503 while draining, whoever asks.
    pub(super) fn check_open(&self) -> Result<(), Refusal> {
        if self.lock().draining {
            return Err(Refusal::draining());
        }
        Ok(())
    }

    /// Admits a run or finds the one that this request repeats, in one step: of two equal requests at the same moment,
    /// one starts a run and the other is told of it.
    ///
    /// # Errors
    /// A 503 while draining, a 409 for a key that was used for something else, a 429 at the limit.
    pub(super) fn admit(
        &self,
        key: Option<IdempotencyKey>,
        make: impl FnOnce() -> Run,
    ) -> Result<Admitted, Refusal> {
        let mut state = self.lock();
        self.forget_old(&mut state);
        if state.draining {
            return Err(Refusal::draining());
        }
        if let Some(run) = key.as_ref().map_or(Ok(None), |key| state.repeated(key))? {
            return Ok(Admitted::Repeated(run));
        }
        self.room(&state)?;
        let run = Arc::new(make());
        state.runs.insert(run.id.clone(), Arc::clone(&run));
        if let Some(IdempotencyKey { key, body }) = key {
            let run_id = run.id.clone();
            state.keys.insert(key, KeyUse { body, run_id });
        }
        Ok(Admitted::New(run))
    }

    /// The run of that id, unless it was never there or is forgotten.
    pub(super) fn find(&self, run_id: &str) -> Option<Arc<Run>> {
        let mut state = self.lock();
        self.forget_old(&mut state);
        state.runs.get(run_id).cloned()
    }

    /// Admits nothing from now on.
    pub(super) fn drain(&self) {
        self.lock().draining = true;
    }

    /// Every run that has not ended.
    pub(super) fn under_way(&self) -> Vec<Arc<Run>> {
        let state = self.lock();
        let going = state.runs.values().filter(|run| run.ended_at().is_none());
        going.cloned().collect()
    }

    fn room(&self, state: &State) -> Result<(), Refusal> {
        if state.draining {
            return Err(Refusal::draining());
        }
        let going = state
            .runs
            .values()
            .filter(|run| run.ended_at().is_none())
            .count();
        if self.limits.concurrent > 0 && going >= self.limits.concurrent {
            return Err(Refusal::too_many_runs(self.limits.concurrent));
        }
        Ok(())
    }

    /// Done whenever the registry is looked at, rather than by a task of its own: a gateway at rest has no timer.
    fn forget_old(&self, state: &mut State) {
        let now = Instant::now();
        let mut kept: usize = 0;
        let mut bytes: usize = 0;
        let mut forgotten = Vec::new();
        for (id, run) in state.runs.iter().rev() {
            let Some(ended_at) = run.ended_at() else {
                continue;
            };
            kept += 1;
            bytes = bytes.saturating_add(run.log.bytes());
            let old = now.duration_since(ended_at) >= self.limits.kept_for;
            if old || kept > self.limits.kept_runs || bytes > self.limits.kept_bytes {
                forgotten.push(id.clone());
            }
        }
        if forgotten.is_empty() {
            return;
        }
        state.runs.retain(|id, _| !forgotten.contains(id));
        let State { runs, keys, .. } = state;
        keys.retain(|_, used| runs.contains_key(&used.run_id));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The run that a request with this key repeats. A failure is never repeated: asking again means trying again.
    fn repeated(&self, key: &IdempotencyKey) -> Result<Option<Arc<Run>>, Refusal> {
        let Some(used) = self.keys.get(&key.key) else {
            return Ok(None);
        };
        if used.body != key.body {
            return Err(Refusal::idempotency_conflict());
        }
        let run = self.runs.get(&used.run_id).filter(|run| !run.failed());
        Ok(run.cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::gateway::event_log::LogBound;
    use crate::gateway::run::RunIdentity;

    fn runs(kept_runs: usize, kept_bytes: usize) -> Runs {
        Runs::new(RunLimits {
            concurrent: 0,
            kept_for: Duration::from_secs(3600),
            kept_runs,
            kept_bytes,
        })
    }

    fn start(runs: &Runs, id: &str) -> Arc<Run> {
        let make = || {
            let identity = RunIdentity {
                id: id.to_owned(),
                session_id: String::new(),
                model: String::new(),
            };
            let bound = LogBound {
                frames: 10,
                bytes: 100,
            };
            Run::new(identity, Arc::new(SystemClock), bound)
        };
        let key = IdempotencyKey {
            key: format!("key of {id}"),
            body: [0; 32],
        };
        match runs.admit(Some(key), make) {
            Ok(Admitted::New(run)) => run,
            other => panic!("{other:?}"),
        }
    }

    fn known(runs: &Runs) -> Vec<&'static str> {
        let ids = ["a", "b", "c"].into_iter();
        ids.filter(|id| runs.find(id).is_some()).collect()
    }

    #[tokio::test]
    async fn the_oldest_ended_runs_go_first_and_those_under_way_stay() {
        let runs = runs(1, usize::MAX);
        let [_going, b, c] = ["a", "b", "c"].map(|id| start(&runs, id));
        b.end(|_| Vec::new());
        assert_eq!(known(&runs), ["a", "b", "c"]);
        c.end(|_| Vec::new());
        assert_eq!(known(&runs), ["a", "c"]);
        // Its key went with it, so the same request starts anew.
        start(&runs, "b");
    }

    #[tokio::test]
    async fn ended_runs_are_kept_within_a_number_of_bytes() {
        let runs = runs(10, 5);
        let [a, b] = ["a", "b"].map(|id| start(&runs, id));
        for run in [&a, &b] {
            run.log.progress(bytes::Bytes::from_static(b"four"));
            run.end(|_| Vec::new());
        }
        assert_eq!(known(&runs), ["b"]);
    }

    #[tokio::test]
    async fn nothing_is_admitted_while_draining() {
        let runs = runs(1, 1);
        runs.drain();
        let refused = runs.admit(None, || panic!("no run is made"));
        assert_eq!(refused.unwrap_err(), Refusal::draining());
        assert_eq!(runs.check_room(), Err(Refusal::draining()));
    }
}

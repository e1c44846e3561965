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

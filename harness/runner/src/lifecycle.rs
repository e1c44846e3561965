//! What a target says of its own life, turned into facts: from a callback, or from a log file that is followed.
//!
//! A line names the target's own id of a run. Its number is known only once the target has answered the submission, so lines
//! that come too early wait, and everything behind them, in order.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use journal::Fact;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::case_log::CaseLog;

/// How often a followed file is looked at. Order between processes is never judged, so this only has to be soon.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Takes lifecycle lines of one target.
pub(crate) struct Intake {
    log: Arc<CaseLog>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    runs: BTreeMap<String, u32>,
    submitting: u32,
    waiting: VecDeque<(Option<String>, Fact)>,
    /// The run that facts belong to when the target's id says nothing to us.
    usual: Option<u32>,
}

impl Intake {
    /// An intake that records into `log`.
    pub(crate) fn new(log: Arc<CaseLog>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { log, state })
    }

    /// A turn is on its way: ids that are unknown may belong to it.
    pub(crate) fn submitting(&self) {
        self.lock().submitting += 1;
    }

    /// The target has answered a submission, with its id of the run if it took it.
    pub(crate) fn submitted(&self, run: u32, id: Option<&str>) {
        let mut state = self.lock();
        state.submitting = state.submitting.saturating_sub(1);
        if let Some(id) = id {
            state.runs.insert(id.to_owned(), run);
        }
        self.flush(&mut state);
    }

    /// Facts without an id that we know belong to this run from now on.
    pub(crate) fn assume(&self, run: Option<u32>) {
        self.lock().usual = run;
    }

    /// Takes one line as it was written. Anything but a lifecycle fact is ignored.
    pub(crate) fn line(&self, line: &str) {
        if let Ok(value) = serde_json::from_str(line) {
            self.take(value);
        }
    }

    /// Takes one fact as a JSON object.
    pub(crate) fn take(&self, mut value: Value) {
        self.log
            .searched(None, "lifecycle log", value.to_string().as_bytes());
        let id = value
            .get("run_id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        self.log.aliases.apply_to(&mut value);
        let Ok(fact) = serde_json::from_value::<Fact>(value) else {
            return;
        };
        if fact.is_lifecycle() {
            let mut state = self.lock();
            state.waiting.push_back((id, fact));
            self.flush(&mut state);
        }
    }

    /// No line waits any longer: the target is gone.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.submitting = 0;
        self.flush(&mut state);
    }

    fn flush(&self, state: &mut State) {
        while let Some((id, _)) = state.waiting.front() {
            let run = id.as_ref().and_then(|id| state.runs.get(id)).copied();
            if id.is_some() && run.is_none() && state.submitting > 0 {
                return;
            }
            let run = run.or(state.usual);
            if let Some((_, fact)) = state.waiting.pop_front() {
                self.log.target(run, fact);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows a log file until told to stop, then reads what is left.
pub(crate) async fn follow(path: PathBuf, intake: Arc<Intake>, stop: CancellationToken) {
    let mut tail = Tail {
        path,
        read: 0,
        partial: Vec::new(),
    };
    loop {
        tail.lines(&intake);
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    tail.lines(&intake);
}

struct Tail {
    path: PathBuf,
    read: u64,
    partial: Vec<u8>,
}

impl Tail {
    /// Takes every line that is complete. A file that is not there yet has none.
    fn lines(&mut self, intake: &Intake) {
        let mut fresh = Vec::new();
        let read = std::fs::File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_end(&mut fresh)
        });
        if read.is_err() || fresh.is_empty() {
            return;
        }
        self.read += fresh.len() as u64;
        self.partial.extend_from_slice(&fresh);
        let Some(end) = self.partial.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let rest = self.partial.split_off(end + 1);
        let whole = std::mem::replace(&mut self.partial, rest);
        for line in String::from_utf8_lossy(&whole).lines() {
            intake.line(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Write as _;

    fn seen(log: &CaseLog) -> Vec<(Option<u32>, Fact)> {
        let records = log.journal().records;
        records
            .into_iter()
            .map(|record| (record.run, record.fact))
            .collect()
    }

    fn attempt(id: &str) -> Value {
        json!({ "kind": "attempt-started", "run_id": id, "client": "c-1", "attempt": 1 })
    }

    #[tokio::test(start_paused = true)]
    async fn a_fact_of_an_unknown_run_waits_for_the_answer_to_the_submission() {
        let log = CaseLog::begin(0);
        let intake = Intake::new(log.clone());
        intake.submitting();
        intake.take(attempt("run_a"));
        intake.take(json!({ "kind": "shutdown-started" }));
        assert_eq!(seen(&log), []);
        intake.submitted(4, Some("run_a"));
        let client = "c-1".to_owned();
        let of_call_attempt = 1;
        let started = Fact::AttemptStarted {
            client,
            of_call_attempt,
        };
        assert_eq!(
            seen(&log),
            [(Some(4), started), (None, Fact::ShutdownStarted)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn only_lifecycle_facts_are_taken_from_a_target() {
        let log = CaseLog::begin(0);
        let intake = Intake::new(log.clone());
        intake.line("{\"kind\":\"case-ended\"}");
        intake.line("{\"kind\":\"something-new\"}");
        intake.line("not json");
        intake.take(attempt("run_unknown"));
        let runs: Vec<_> = seen(&log).into_iter().map(|(run, _)| run).collect();
        assert_eq!(runs, [None]);
    }

    #[tokio::test]
    async fn a_file_is_followed_to_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lifecycle.ndjson");
        let log = CaseLog::begin(0);
        let stop = CancellationToken::new();
        let following = tokio::spawn(follow(path.clone(), Intake::new(log.clone()), stop.clone()));
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(b"{\"kind\":\"shutdown-started\"}\n{\"kind\":\"runtime-en")
            .unwrap();
        let first = log
            .wait(Duration::from_secs(10), |records| records.first().cloned())
            .await;
        assert_eq!(first.unwrap().fact, Fact::ShutdownStarted);
        file.write_all(b"ded\",\"runtime\":\"main\"}\n").unwrap();
        stop.cancel();
        following.await.unwrap();
        assert_eq!(seen(&log).len(), 2);
    }
}

//! A recorder, a replay of what it stored, and the journal of that.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fake_provider::{
    Listen, Match, RecordOptions, RecordingProxy, Replay, ReplayOptions, Speed, Told,
};
use journal::{Ended, Fact, FaultOutcome, Recorder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Where a recording is, and what was told while it was made.
pub(crate) struct Studio {
    folder: TempDir,
    told: Arc<Mutex<Vec<Told>>>,
    changed: Arc<Notify>,
}

impl Studio {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            told: Arc::default(),
            changed: Arc::default(),
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("recording")
    }

    pub(crate) async fn record(
        &self,
        upstream: &str,
        authorities: Option<&Path>,
    ) -> RecordingProxy {
        let options = RecordOptions {
            upstream: upstream.parse().expect("is an address"),
            folder: self.folder(),
            authorities: authorities.map(Path::to_owned),
        };
        let (told, changed) = (Arc::clone(&self.told), Arc::clone(&self.changed));
        let tell = move |one| {
            told.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(one);
            changed.notify_waiters();
        };
        let started = RecordingProxy::start(options, Listen::loopback(), tell).await;
        started.expect("starts")
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clone()
    }

    /// Waits until so many exchanges were told of.
    pub(crate) async fn has_told(&self, exchanges: usize) {
        until(&self.changed, || self.told().len() >= exchanges).await;
    }

    /// The lines of every file, in order.
    pub(crate) fn files(&self) -> Vec<Vec<Value>> {
        let files = std::fs::read_dir(self.folder()).expect("is there");
        let mut files: Vec<_> = files.map(|file| file.expect("is there").path()).collect();
        files.sort();
        let read = files.iter().map(|file| {
            let text = std::fs::read_to_string(file).expect("is text");
            let lines = text
                .lines()
                .map(|line| serde_json::from_str(line).expect("is JSON"));
            lines.collect()
        });
        read.collect()
    }

    /// How the exchange of a file ended, and whether it was whole.
    pub(crate) fn ending(&self, file: usize) -> (String, bool) {
        let files = self.files();
        let last = files[file].last().expect("has lines").clone();
        let ended = last["ended"].as_str().expect("is text").to_owned();
        (ended, last["whole"].as_bool().expect("is said"))
    }

    pub(crate) async fn replay(&self, options: impl FnOnce(&mut ReplayOptions)) -> Stage {
        let mut all = ReplayOptions {
            folder: self.folder(),
            speed: Speed::default(),
            matching: Match::default(),
            strict: false,
            authority: None,
        };
        options(&mut all);
        let started = Instant::now();
        let changed = Arc::new(Notify::new());
        let wake = Arc::clone(&changed);
        let recorder = Recorder::new(
            Arc::new(move || started.elapsed()),
            Arc::new(move || wake.notify_waiters()),
        );
        let replay = Replay::start(all, Listen::loopback(), recorder.clone()).await;
        Stage {
            replay: replay.expect("starts"),
            recorder,
            changed,
        }
    }
}

/// Waits, with a bound, until something is so; `changed` says when to look again.
async fn until(changed: &Notify, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        let again = changed.notified();
        if holds() {
            return;
        }
        let _ = tokio::time::timeout(Duration::from_millis(20), again).await;
    }
    panic!("nothing of the kind was told");
}

/// A replay and its journal.
pub(crate) struct Stage {
    pub(crate) replay: Replay,
    recorder: Recorder,
    changed: Arc<Notify>,
}

impl Stage {
    /// Waits until so many answers were over and stops the replay; everything that was recorded.
    pub(crate) async fn facts(self, answers: usize) -> Vec<Fact> {
        let over = |fact: &&journal::Record| matches!(fact.fact, Fact::ResponseEnded { .. });
        let enough = || {
            self.recorder
                .with(|records| records.iter().filter(over).count() >= answers)
        };
        until(&self.changed, enough).await;
        self.replay.shutdown().await;
        let journal = self.recorder.journal();
        journal
            .records
            .into_iter()
            .map(|record| record.fact)
            .collect()
    }
}

/// What became of each recording that was replayed.
pub(crate) fn outcomes(facts: &[Fact]) -> Vec<FaultOutcome> {
    let outcome = |fact: &Fact| match fact {
        Fact::Fault { outcome, .. } => Some(*outcome),
        _ => None,
    };
    facts.iter().filter_map(outcome).collect()
}

/// How each answer ended.
pub(crate) fn ends(facts: &[Fact]) -> Vec<Ended> {
    let ended = |fact: &Fact| match fact {
        Fact::ResponseEnded { ended, .. } => Some(*ended),
        _ => None,
    };
    facts.iter().filter_map(ended).collect()
}

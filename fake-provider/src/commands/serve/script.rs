//! The script that is said: from a file, read again when it changes, or a fixed one.

use std::future::pending;
use std::path::PathBuf;
use std::time::Duration;

use fake_provider::{Admin, FakeProvider, ScriptFile, ScriptFileError};
use provider_script::{Entry, Reply, Script, When};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::note;
use crate::Failure;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// What is said without a script.
const FIXED: &str =
    "Hello from a fake provider. Give it --script FILE to make it say something else.";

/// Where the script comes from.
pub(super) struct Source {
    file: Option<ScriptFile>,
    looks: Option<Interval>,
    hung_up: Signal,
}

impl Source {
    /// Of this file, where there is one.
    pub(super) fn new(path: Option<PathBuf>, watch: bool) -> Result<Self, Failure> {
        let mut looks = watch.then(|| interval(LOOK));
        if let Some(looks) = &mut looks {
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        Ok(Self {
            file: path.map(ScriptFile::new),
            looks,
            hung_up: signal(SignalKind::hangup()).map_err(Failure::Start)?,
        })
    }

    /// The script to begin with.
    pub(super) fn script(&mut self) -> Result<Script, Failure> {
        match &mut self.file {
            Some(file) => file.read().map_err(Failure::Script),
            None => Ok(fixed()),
        }
    }

    /// Waits until the file has changed, or somebody wants it read. Without a file nobody can.
    pub(super) async fn wants_reading(&mut self) {
        loop {
            tokio::select! {
                biased;
                _ = self.hung_up.recv() => break,
                () = tick(self.looks.as_mut()) => {
                    if self.file.as_ref().is_some_and(ScriptFile::has_changed) {
                        break;
                    }
                }
            }
        }
    }

    /// Reads the file, and has it said from here on if there is no mistake in it.
    pub(super) fn read_again(&mut self, provider: &FakeProvider, admin: Option<&Admin>) {
        let Some(file) = &mut self.file else { return };
        let trouble = match file.read() {
            Ok(script) => {
                let entries = script.entries.len();
                provider.replace_script(script);
                note(&format!(
                    "{} was read again: {entries} entries",
                    file.name()
                ));
                None
            }
            Err(error) => {
                note(&format!("{error}; the script before it stays"));
                match error {
                    ScriptFileError::Bad(bad) => Some(bad),
                    ScriptFileError::Unreadable { .. } => return,
                }
            }
        };
        if let Some(admin) = admin {
            admin.script_is(trouble);
        }
    }
}

async fn tick(looks: Option<&mut Interval>) {
    match looks {
        Some(looks) => drop(looks.tick().await),
        None => pending().await,
    }
}

fn fixed() -> Script {
    let reply = Reply {
        text: Some(FIXED.to_owned()),
        ..Reply::default()
    };
    Script {
        entries: vec![Entry {
            when: When::default(),
            reply: Some(reply),
            faults: Vec::new(),
            quirk: None,
        }],
    }
}

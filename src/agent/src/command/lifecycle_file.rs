//! The lifecycle log as a file of JSON lines. Knows facts only as something that can be serialised.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::lifecycle::{LifecycleFact, LifecycleLog};

/// Appends one line per fact, each with a single write, so that a reader never sees half of one.
#[derive(Debug)]
pub(super) struct LifecycleFile(Mutex<File>);

impl LifecycleFile {
    /// Opens `path`, or makes it, and adds to what is there.
    pub(super) fn append_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(Mutex::new(file)))
    }
}

impl LifecycleLog for LifecycleFile {
    fn fact(&self, fact: LifecycleFact) {
        let Ok(mut line) = serde_json::to_vec(&fact) else {
            return;
        };
        line.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end a run. There is no buffer, so nothing is left to flush.
        let _ = file.write_all(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_appended_one_a_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lifecycle.ndjson");
        std::fs::write(&path, "{\"earlier\":true}\n").unwrap();
        let log = LifecycleFile::append_to(&path).unwrap();
        log.fact(LifecycleFact::ShutdownStarted);
        let message = "a\nb".to_owned();
        log.fact(LifecycleFact::BackgroundFailure { message });
        let expected = concat!(
            "{\"earlier\":true}\n",
            "{\"kind\":\"shutdown-started\"}\n",
            "{\"kind\":\"background-failure\",\"message\":\"a\\nb\"}\n",
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }
}

//! A script in a file, that may be read again when it has changed. Knows no socket.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use provider_script::Script;
use provider_script::reading::{self, SourceError};

use crate::mistakes::BadScript;

/// A script's file.
#[derive(Debug)]
pub struct ScriptFile {
    path: PathBuf,
    /// What it was when it was last read; nothing where it was not there.
    seen: Option<Stamp>,
}

/// What tells two versions of a file apart. An editor writes a new file in its place; others write into the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

/// Why a script could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScriptFileError {
    /// The machine does not let us.
    #[error("failed to read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the machine said.
        source: io::Error,
    },
    /// There are mistakes in it.
    #[error("{0}")]
    Bad(BadScript),
}

impl ScriptFile {
    /// This file, which has not been read.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// The file's name as it is shown.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether there is another version of it than the one that was read. A file that is gone is none: an editor may be about to put
    /// another in its place.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let now = Stamp::of(&self.path);
        now.is_some() && now != self.seen
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or there are mistakes in it: all of them.
    pub fn read(&mut self) -> Result<Script, ScriptFileError> {
        // Looked at first, so that what is written while it is read is another version.
        self.seen = Stamp::of(&self.path);
        let name = self.name();
        let bad = |text: &str, mistakes: &[_]| {
            ScriptFileError::Bad(BadScript::new(&name, text, mistakes))
        };
        let file = File::open(&self.path).map_err(SourceError::Io);
        let text = file
            .and_then(reading::source)
            .map_err(|error| match error {
                SourceError::Io(source) => ScriptFileError::Unreadable {
                    path: name.clone(),
                    source,
                },
                SourceError::NotText { shown, mistake } => bad(&shown, &[mistake]),
            })?;
        Script::parse(&text).map_err(|mistakes| bad(&text, &mistakes))
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Self {
            inode: about.ino(),
            length: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";

    #[test]
    fn a_change_is_seen_once_and_a_file_that_is_gone_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.toml");
        fs::write(&path, HELLO).expect("writes");
        let mut file = ScriptFile::new(path.clone());
        assert!(file.has_changed());
        assert_eq!(file.read().expect("is a script").entries.len(), 1);
        assert!(!file.has_changed());
        // Half of it.
        fs::write(&path, &HELLO[..30]).expect("writes");
        assert!(file.has_changed());
        assert!(matches!(file.read(), Err(ScriptFileError::Bad(_))));
        assert!(!file.has_changed());
        fs::remove_file(&path).expect("is there");
        assert!(!file.has_changed());
        fs::write(&path, format!("{HELLO}{HELLO}")).expect("writes");
        assert!(file.has_changed());
    }
}

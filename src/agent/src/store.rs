//! Files, synchronously. In production this runs on the tool runtime's own threads, in virtual time inline.
//!
//! Knows no tool, no session and no sandbox: paths come in already decided.

use std::io::{Error, Read, Write};
use std::path::{Path, PathBuf};

/// Reads and writes files. Replace it to make file work fail.
pub trait Store: Send + Sync {
    /// The real path of `path`: absolute, without links.
    ///
    /// # Errors
    /// There is no such path, or it cannot be reached.
    fn canonical(&self, path: &Path) -> Result<PathBuf, Error> {
        path.canonicalize()
    }

    /// The names in a directory, sorted; directories end with a slash.
    ///
    /// # Errors
    /// It is no directory, or cannot be read.
    fn list(&self, directory: &Path) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
        }
        names.sort();
        Ok(names)
    }

    /// The first `limit` bytes of a file.
    ///
    /// # Errors
    /// It is no file, or cannot be read.
    fn read(&self, file: &Path, limit: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        std::fs::File::open(file)?
            .take(limit)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Appends to a file, making it if need be, in one write.
    ///
    /// # Errors
    /// It cannot be opened or written.
    fn append(&self, file: &Path, bytes: &[u8]) -> Result<(), Error> {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)?
            .write_all(bytes)
    }

    /// Replaces a file: readers see the old content or the new, never a part of one, also after a crash.
    ///
    /// # Errors
    /// The directory cannot be made, or the file cannot be written or renamed.
    fn replace(&self, file: &Path, bytes: &[u8]) -> Result<(), Error> {
        let directory = file
            .parent()
            .ok_or_else(|| Error::other("a file needs a directory"))?;
        std::fs::create_dir_all(directory)?;
        let unfinished = file.with_extension("unfinished");
        let mut new = std::fs::File::create(&unfinished)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        drop(new);
        std::fs::rename(&unfinished, file)
    }
}

/// The file system.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

impl Store for Disk {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_leaves_nothing_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("deep/session.json");
        Disk.replace(&file, b"one").unwrap();
        Disk.replace(&file, b"two").unwrap();
        assert_eq!(Disk.read(&file, 10).unwrap(), b"two");
        assert_eq!(Disk.list(file.parent().unwrap()).unwrap(), ["session.json"]);
    }

    #[test]
    fn appending_keeps_what_was_there_and_reading_is_bounded() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("ledger");
        Disk.append(&file, b"a\n").unwrap();
        Disk.append(&file, b"b\n").unwrap();
        assert_eq!(Disk.read(&file, 3).unwrap(), b"a\nb");
    }
}

//! The folder of a recording: one file an exchange, each there whole or not at all. Knows no sockets.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::RecordError;
use super::exchange::RecordedExchange;
use super::file_format;

/// How the name of every exchange's file ends.
pub(crate) const EXTENSION: &str = "ndjson";

/// A path in a file's name is cut after so many characters.
const SLUG_MAX: usize = 60;

/// A folder that takes exchanges.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    taken: AtomicU64,
}

impl Folder {
    /// Makes the folder, if need be, and proves that files can be written there. One recording a folder: what holds another is
    /// refused.
    pub(crate) fn create(path: &Path) -> Result<Self, RecordError> {
        let refused = |source| RecordError::Folder {
            path: path.display().to_string(),
            source,
        };
        fs::create_dir_all(path).map_err(refused)?;
        for entry in fs::read_dir(path).map_err(refused)? {
            let name = entry.map_err(refused)?.file_name();
            if Path::new(&name)
                .extension()
                .is_some_and(|end| end == EXTENSION)
            {
                let path = path.display().to_string();
                return Err(RecordError::Taken { path });
            }
        }
        let proof = tempfile::NamedTempFile::new_in(path).map_err(refused)?;
        proof.close().map_err(refused)?;
        Ok(Self {
            path: path.to_owned(),
            taken: AtomicU64::new(0),
        })
    }

    /// The number of the next exchange, from 1, in the order in which requests came.
    pub(crate) fn next_number(&self) -> u64 {
        self.taken.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Writes the file of an exchange; its name. It takes its name once all of it is on the disk.
    pub(crate) fn store(
        &self,
        number: u64,
        exchange: &RecordedExchange,
    ) -> Result<String, RecordError> {
        let name = name(number, exchange);
        let path = self.path.join(&name);
        let refused = |source| RecordError::Store {
            path: path.display().to_string(),
            source,
        };
        let mut file = tempfile::NamedTempFile::new_in(&self.path).map_err(refused)?;
        file.write_all(&file_format::write(exchange))
            .map_err(refused)?;
        file.as_file().sync_all().map_err(refused)?;
        let kept = file.persist_noclobber(&path);
        kept.map_err(|error| refused(io::Error::from(error)))?;
        Ok(name)
    }
}

fn name(number: u64, exchange: &RecordedExchange) -> String {
    let asked = format!("{} {}", exchange.request.method, exchange.request.path);
    let mut slug = String::new();
    for char in asked.chars().take(SLUG_MAX) {
        match char.is_ascii_alphanumeric() {
            true => slug.push(char.to_ascii_lowercase()),
            false if slug.ends_with('-') => {}
            false => slug.push('-'),
        }
    }
    format!("{number:06}-{}.{EXTENSION}", slug.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::exchange::{Ending, RecordedRequest};

    fn exchange() -> RecordedExchange {
        RecordedExchange {
            upstream: "http://localhost".into(),
            request: RecordedRequest {
                method: "POST".into(),
                path: "/v1beta/models/g-1.5:streamGenerateContent".into(),
                ..RecordedRequest::default()
            },
            pieces: Vec::new(),
            ending: Ending::Reset,
            ended_at: std::time::Duration::ZERO,
        }
    }

    #[test]
    fn an_exchange_is_in_a_file_that_tells_what_it_is() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&parent.path().join("a/b")).expect("is made");
        let number = folder.next_number();
        let name = folder.store(number, &exchange()).expect("is stored");
        assert_eq!(
            name,
            "000001-post-v1beta-models-g-1-5-streamgeneratecontent.ndjson"
        );
        let file = fs::read(parent.path().join("a/b").join(name)).expect("is there");
        assert_eq!(file_format::read(&file), Ok(exchange()));
        let left = fs::read_dir(parent.path().join("a/b")).expect("is there");
        assert_eq!(left.count(), 1, "nothing else is left");
    }

    #[test]
    fn a_folder_that_cannot_take_it_is_refused_before_anything_is_recorded() {
        let parent = tempfile::tempdir().expect("a folder");
        let file = parent.path().join("file");
        fs::write(&file, "").expect("is written");
        let refused = Folder::create(&file).expect_err("is no folder");
        assert!(matches!(refused, RecordError::Folder { .. }), "{refused}");
        let folder = Folder::create(parent.path()).expect("is fine");
        folder.store(1, &exchange()).expect("is stored");
        let refused = Folder::create(parent.path()).expect_err("is taken");
        assert!(matches!(refused, RecordError::Taken { .. }), "{refused}");
    }

    #[test]
    fn what_cannot_be_stored_leaves_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(parent.path()).expect("is fine");
        folder.store(1, &exchange()).expect("is stored");
        let refused = folder.store(1, &exchange()).expect_err("is there already");
        assert!(matches!(refused, RecordError::Store { .. }), "{refused}");
        assert_eq!(fs::read_dir(parent.path()).expect("is there").count(), 1);
    }
}

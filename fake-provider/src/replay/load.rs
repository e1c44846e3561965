//! Reads the folder of a recording, and tells every file that is damaged. Knows no sockets.

use std::fs;
use std::path::{Path, PathBuf};

use super::{DamagedFile, ReplayError};
use crate::recording::exchange::RecordedExchange;
use crate::recording::file_format;
use crate::recording::folder::EXTENSION;

/// A recorded exchange and the name of its file.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) exchange: RecordedExchange,
}

/// All exchanges of a folder, in the order of their names, which is that in which they were asked for.
pub(super) fn load(folder: &Path) -> Result<Vec<Loaded>, ReplayError> {
    let mut loaded = Vec::new();
    let mut damaged = Vec::new();
    for path in files(folder)? {
        let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
        match file_format::read(&bytes) {
            Ok(exchange) => loaded.push(Loaded {
                name: name(&path),
                exchange,
            }),
            Err(damage) => damaged.push(DamagedFile {
                file: path.display().to_string(),
                line: damage.line,
                message: damage.message,
                help: damage.help,
            }),
        }
    }
    match (damaged.is_empty(), loaded.is_empty()) {
        (false, _) => Err(ReplayError::Damaged(damaged)),
        (true, true) => Err(ReplayError::Empty {
            path: folder.display().to_string(),
        }),
        (true, false) => Ok(loaded),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.extension().is_some_and(|end| end == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn unreadable(path: &Path, source: std::io::Error) -> ReplayError {
    ReplayError::Unreadable {
        path: path.display().to_string(),
        source,
    }
}

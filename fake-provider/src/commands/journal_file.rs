//! The file that a journal is written into as it happens.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use journal::{Record, Sink};
use tokio_util::sync::CancellationToken;

use crate::Failure;

/// The journal's file: every record is in it before the next thing happens.
pub(crate) struct JournalFile {
    path: String,
    state: Arc<Mutex<(Option<File>, Option<io::Error>)>>,
    /// Cancelled once a record could not be written.
    pub(crate) broken: CancellationToken,
}

impl JournalFile {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let name = path.map_or_else(String::new, |path| path.display().to_string());
        let file = path.map(File::create).transpose();
        let file = file.map_err(|source| Failure::Journal {
            path: name.clone(),
            source,
        })?;
        Ok(Self {
            path: name,
            state: Arc::new(Mutex::new((file, None))),
            broken: CancellationToken::new(),
        })
    }

    pub(crate) fn sink(&self) -> Sink {
        let (state, broken) = (Arc::clone(&self.state), self.broken.clone());
        Arc::new(move |record: &Record| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(file) = &mut state.0 else { return };
            let mut line = serde_json::to_vec(record).expect("a record is always JSON");
            line.push(b'\n');
            // One write a record, straight to the kernel: nothing is left in a buffer of ours.
            if let Err(error) = file.write_all(&line) {
                *state = (None, Some(error));
                broken.cancel();
            }
        })
    }

    pub(crate) fn finish(self) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.1.take() {
            None => Ok(()),
            Some(source) => Err(Failure::Journal {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

//! Why a step failed. Knows no step.

use std::io;

/// Why a step failed; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A program could not be started.
    #[error("start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A program ended badly.
    #[error("run `{command}`: {status}")]
    Ended {
        /// The command line.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A file could not be read or written.
    #[error("use {path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Something is not as it should be; the list says what.
    #[error("pass: {}", .0.join("\n    "))]
    Found(Vec<String>),
}

impl Failure {
    /// A file that could not be used.
    pub(crate) fn file(path: &std::path::Path, source: io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            source,
        }
    }
}

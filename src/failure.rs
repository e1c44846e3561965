//! Why a command could not do what it was asked for, each with its exit code.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit_code::ExitCode;

/// Why a command stopped. The text finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line makes no sense, in a way that only shows later.
    #[error("{0}")]
    Usage(String),
    /// Nothing was selected.
    #[error("{0}")]
    NothingSelected(String),
    /// A file that people write is wrong. `told` is everything there is to say, already laid out.
    #[error("{told}")]
    Invalid {
        /// The excerpts.
        told: String,
    },
    /// A file could not be read or written.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried: `read`, `write`.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The machine refused something else.
    #[error("{0}")]
    Environment(String),
    /// The target's setup failed.
    #[error("{0}")]
    Target(String),
    /// Output could not be written.
    #[error("write the output: {0}")]
    Output(#[from] io::Error),
}

impl CommandError {
    /// A file that could not be read.
    #[must_use]
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::File {
            what: "read",
            path: path.to_owned(),
            source,
        }
    }

    /// A file that could not be written.
    #[must_use]
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::File {
            what: "write",
            path: path.to_owned(),
            source,
        }
    }

    /// What the process answers with.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::Usage,
            Self::NothingSelected(_) => ExitCode::NothingSelected,
            Self::Invalid { .. } => ExitCode::Invalid,
            Self::Target(_) => ExitCode::TargetNotReady,
            Self::File { .. } | Self::Environment(_) | Self::Output(_) => ExitCode::Environment,
        }
    }
}

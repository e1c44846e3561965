//! Records exchanges with a real provider: a reverse proxy that passes on what comes as it comes, ends connections as they were
//! ended, and stores each exchange in a file of its own. Knows no script and no dialect but to refuse in.
//!
//! - `exchange`: what is stored; `file_format`: as lines of JSON; `folder`: on disk; `secrets`: without keys
//! - `answer_reader`: how far an answer has come; `taken`: an exchange under way; `forwarded`: a request on its way
//! - `address`, `upstream`: the real provider; `relay`: one client's connection; `desk`: what connections share

mod address;
pub(crate) mod answer_reader;
mod desk;
pub(crate) mod exchange;
pub(crate) mod file_format;
pub(crate) mod folder;
mod forwarded;
mod relay;
pub(crate) mod secrets;
mod taken;
mod upstream;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use address::{BadUpstream, Upstream};
pub use upstream::TlsError;

use crate::listening::Listening;
use crate::options::Listen;
use desk::{Desk, State};
use folder::Folder;

/// What a recorder is started with.
#[derive(Debug, Clone)]
pub struct RecordOptions {
    /// The real provider.
    pub upstream: Upstream,
    /// Where exchanges are stored; made where it is not there, and refused where it holds a recording.
    pub folder: PathBuf,
    /// Authorities that are trusted beside the machine's own, in a PEM file. Only looked at where the real provider speaks TLS.
    pub authorities: Option<PathBuf>,
}

/// Why nothing is recorded, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder cannot be made or written to.
    #[error("failed to record into {path}: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// What the machine said.
        source: io::Error,
    },
    /// The folder holds a recording already.
    #[error("failed to record into {path}: it holds a recording already; name a new folder")]
    Taken {
        /// The folder.
        path: String,
    },
    /// An exchange could not be stored.
    #[error("failed to store {path}: {source}")]
    Store {
        /// The file; it is not there.
        path: String,
        /// What the machine said.
        source: io::Error,
    },
    /// TLS cannot be spoken.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// The address cannot be listened at.
    #[error("failed to listen: {0}")]
    Listen(io::Error),
}

/// What became of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It is on disk.
    Stored {
        /// Method and path.
        asked: String,
        /// The name of its file.
        file: String,
        /// Whether all of the answer came.
        whole: bool,
        /// How it ended.
        ending: String,
    },
    /// It is not.
    NotStored {
        /// Method and path.
        asked: String,
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored {
                asked,
                file,
                whole,
                ending,
            } => {
                let whole = if *whole { "whole" } else { "cut" };
                write!(f, "stored {file}: {asked}, {whole}, {ending}")
            }
            Self::NotStored { asked, reason } => write!(f, "not stored: {asked}: {reason}"),
        }
    }
}

/// A recorder that listens. Dropping it ends it, without waiting; [`RecordingProxy::shutdown`] waits and stores what is under way.
pub struct RecordingProxy {
    desk: Arc<Desk>,
    listening: Listening,
}

impl RecordingProxy {
    /// Starts a recorder on the current runtime. `tell` is told of every exchange.
    ///
    /// # Errors
    ///
    /// The folder cannot take a recording, certificates cannot be read, or the address is taken or not ours.
    pub async fn start(
        options: RecordOptions,
        listen: Listen,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Result<Self, RecordError> {
        // Without TLS nobody needs the machine's certificates, which take long to read.
        let tls = match options.upstream.tls {
            true => Some(upstream::tls(options.authorities.as_deref())?),
            false => None,
        };
        let desk = Arc::new(Desk {
            upstream: options.upstream,
            tls,
            folder: Folder::create(&options.folder)?,
            ending: CancellationToken::new(),
            broken: CancellationToken::new(),
            storing: TaskTracker::new(),
            tell: Arc::new(tell),
            state: Mutex::new(State::default()),
        });
        let serving = Arc::clone(&desk);
        let ending = desk.ending.clone();
        let serve = move |socket, seat| relay::serve(Arc::clone(&serving), socket, seat);
        let listening = Listening::start(listen, ending, serve).map_err(RecordError::Listen)?;
        Ok(Self { desk, listening })
    }

    /// What takes the place of the real provider's scheme, host and port in a client's base URL.
    #[must_use]
    pub fn root_url(&self) -> String {
        self.listening.root_url(false)
    }

    /// The TCP address, where it listens on one.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.listening.local_addr()
    }

    /// The path of the Unix socket, where it listens on one.
    #[must_use]
    pub fn unix_socket(&self) -> Option<&Path> {
        self.listening.unix_socket()
    }

    /// Waits until an exchange cannot be stored; for ever, where all can.
    pub async fn broken(&self) {
        self.desk.broken.cancelled().await;
    }

    /// Ends every connection and stores what has come of exchanges that are under way.
    ///
    /// # Errors
    ///
    /// An exchange could not be stored, now or before.
    pub async fn shutdown(self) -> Result<(), RecordError> {
        self.listening.shutdown().await;
        self.desk.storing.close();
        self.desk.storing.wait().await;
        match self.desk.lock().failure.take() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for RecordingProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingProxy")
            .field("upstream", &self.desk.upstream)
            .field("listening", &self.listening)
            .finish_non_exhaustive()
    }
}

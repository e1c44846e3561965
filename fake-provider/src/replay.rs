//! Replays what was recorded: a server that answers each request with the bytes that a real provider once answered it, in the
//! pieces, with the silences and with the end that they had. Knows no script and no dialect but to refuse in.
//!
//! - `load`: the folder; `asked`: what has to be equal; `shelf`: which recording answers; `speed`: how fast
//! - `answer`: one answer on its way; `connection`: one connection; `desk`: what connections share

mod answer;
mod asked;
mod connection;
mod desk;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod load;
mod shelf;
mod speed;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use journal::Recorder;
use tokio_util::sync::CancellationToken;

pub use asked::Match;
pub use speed::{BadSpeed, Speed};

use crate::authority::Authority;
use crate::listening::Listening;
use crate::options::{Listen, ProviderOptions};
use crate::recording::exchange::Ending;
use crate::scrub::Scrub;
use desk::Desk;
use shelf::Shelf;

/// What a replay is started with.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// The folder of a recording.
    pub folder: PathBuf,
    /// How fast.
    pub speed: Speed,
    /// What of a request has to be equal to what was recorded.
    pub matching: Match,
    /// Whether no recording is used twice; else the last of several answers every further request that is equal.
    pub strict: bool,
    /// Who vouches for it, where TLS is spoken. Nothing is in the clear.
    pub authority: Option<Arc<Authority>>,
}

/// Why nothing is replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The folder, or a file in it, cannot be read.
    #[error("failed to read {path}: {source}")]
    Unreadable {
        /// Folder or file.
        path: String,
        /// What the machine said.
        source: io::Error,
    },
    /// There is no recording in the folder.
    #[error(
        "failed to replay {path}: it holds no recording; `fake-provider record --to {path}` makes one"
    )]
    Empty {
        /// The folder.
        path: String,
    },
    /// Files are damaged.
    #[error("{}", listed(.0))]
    Damaged(Vec<DamagedFile>),
    /// The address cannot be listened at.
    #[error("failed to listen: {0}")]
    Listen(io::Error),
}

/// A file that is no recording, or not all of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedFile {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl fmt::Display for DamagedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            message,
            help,
        } = self;
        write!(f, "{file}:{line}: {message} ({help})")
    }
}

fn listed(damaged: &[DamagedFile]) -> String {
    let lines = damaged.iter().map(DamagedFile::to_string);
    let total = format!("damaged recordings: {}; nothing was started", damaged.len());
    lines.chain([total]).collect::<Vec<_>>().join("\n")
}

/// A replay that listens. Dropping it ends it, without waiting; [`Replay::shutdown`] waits.
#[derive(Debug)]
pub struct Replay {
    desk: Arc<Desk>,
    listening: Listening,
}

impl Replay {
    /// Reads a recording and starts a server on the current runtime that answers with it.
    ///
    /// # Errors
    ///
    /// The recording cannot be read or is damaged, or the address is taken or not ours.
    pub async fn start(
        options: ReplayOptions,
        listen: Listen,
        recorder: Recorder,
    ) -> Result<Self, ReplayError> {
        let loaded = load::load(&options.folder)?;
        let desk = Arc::new(Desk {
            shelf: Shelf::new(loaded, options.matching, options.strict),
            speed: options.speed,
            authority: options.authority,
            scrub: Scrub::new(&ProviderOptions::default(), None),
            ending: CancellationToken::new(),
            recorder,
            connections: AtomicU64::new(0),
        });
        let serving = Arc::clone(&desk);
        let ending = desk.ending.clone();
        let serve = move |socket, seat| connection::serve(Arc::clone(&serving), socket, seat);
        let listening = Listening::start(listen, ending, serve).map_err(ReplayError::Listen)?;
        Ok(Self { desk, listening })
    }

    /// What takes the place of the real provider's scheme, host and port in a client's base URL.
    #[must_use]
    pub fn root_url(&self) -> String {
        self.listening.root_url(self.desk.authority.is_some())
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

    /// How many exchanges there are.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.desk.shelf.recordings().count()
    }

    /// How many of them ended in a way that only TLS has, and are ended with a FIN for want of it.
    #[must_use]
    pub fn ended_for_want_of_tls(&self) -> usize {
        let ends = |ending: &Ending| matches!(ending, Ending::TlsTruncated | Ending::TlsAlert(_));
        let recordings = self.desk.shelf.recordings();
        let ended = recordings.filter(|loaded| ends(&loaded.exchange.ending));
        match self.desk.authority {
            Some(_) => 0,
            None => ended.count(),
        }
    }

    /// Closes the listener and every connection, and waits for every task.
    pub async fn shutdown(self) {
        self.listening.shutdown().await;
    }
}

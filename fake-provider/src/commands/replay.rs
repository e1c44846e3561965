//! `fake-provider replay`: answers with what was recorded.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use fake_provider::{Listen, Match, Replay, ReplayError, ReplayOptions, Speed};
use journal::Recorder;
use tokio::time::Instant;

use super::journal_file::JournalFile;
use super::secure::Secure;
use super::{Signals, note, say_where, shown};
use crate::Failure;

/// Answers each request with its recording: the same bytes, in the same pieces, at the same times, ended in the same way.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What `fake-provider record` has stored.
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Where to listen: `127.0.0.1:8080`, port 0 for any free one, or `unix:PATH`.
    #[arg(long, value_name = "ADDR", value_parser = crate::listen)]
    listen: Listen,
    /// How fast: 1 is as it came, 2 twice as fast, 0 without any silence.
    #[arg(long, value_name = "N", default_value = "1")]
    speed: Speed,
    /// What of a request decides which recording answers it.
    #[arg(long = "match", value_name = "WHAT", value_enum, default_value_t = By::Body)]
    matching: By,
    /// Uses no recording twice. Else the last of several answers every further request that is equal.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    secure: Secure,
    /// Where to write what was seen, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

/// See [`Match`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Method, path, query and body, without what clients vary.
    Body,
    /// Method, path and query.
    Path,
}

/// Replays until it is told to end.
pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let at = shown(&arguments.listen);
    let journal = JournalFile::open(arguments.journal.as_deref())?;
    let started = Instant::now();
    let recorder = match arguments.journal {
        Some(_) => Recorder::forwarding(Arc::new(move || started.elapsed()), journal.sink()),
        None => Recorder::nobody(),
    };
    let options = ReplayOptions {
        folder: arguments.from,
        speed: arguments.speed,
        matching: match arguments.matching {
            By::Body => Match::Body,
            By::Path => Match::Path,
        },
        strict: arguments.strict,
        authority: arguments.secure.authority()?.map(Arc::new),
    };
    let replay = Replay::start(options, arguments.listen, recorder).await;
    let replay = replay.map_err(|error| match error {
        ReplayError::Listen(source) => Failure::Listen { at, source },
        other => Failure::Replay(other),
    })?;
    let tls = replay.ended_for_want_of_tls();
    if tls > 0 {
        note(&format!(
            "recordings that end as only TLS can: {tls}; they are ended with a FIN; --tls ends them as they were"
        ));
    }
    say_where(&replay.root_url(), replay.unix_socket());
    tokio::select! {
        biased;
        () = signals.end() => {}
        () = journal.broken.cancelled() => {}
    }
    replay.shutdown().await;
    journal.finish()
}

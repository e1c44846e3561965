//! `fake-provider record`: a reverse proxy in front of a real provider, that stores what goes through it.

use std::path::PathBuf;

use clap::Args;
use fake_provider::{Listen, RecordError, RecordOptions, RecordingProxy, Upstream};

use super::{Signals, note, say_where, shown};
use crate::Failure;

/// Passes requests on to a real provider, and stores each exchange: its bytes, its times and how it ended, without keys.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The real provider: `https://api.openai.com`. A path is put in front of every request's.
    #[arg(long, value_name = "URL")]
    upstream: Upstream,
    /// Where to store it: a folder that is not there yet, or empty. One file an exchange.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Where to listen: `127.0.0.1:8080`, port 0 for any free one, or `unix:PATH`.
    #[arg(long, value_name = "ADDR", value_parser = crate::listen)]
    listen: Listen,
    /// Certificates that are trusted beside those that this machine trusts, as PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Records until it is told to end, or until an exchange cannot be stored.
pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let at = shown(&arguments.listen);
    let options = RecordOptions {
        upstream: arguments.upstream,
        folder: arguments.to,
        authorities: arguments.ca_file,
    };
    let started =
        RecordingProxy::start(options, arguments.listen, |told| note(&told.to_string())).await;
    let proxy = started.map_err(|error| match error {
        RecordError::Listen(source) => Failure::Listen { at, source },
        other => Failure::Record(other),
    })?;
    say_where(&proxy.root_url(), proxy.unix_socket());
    tokio::select! {
        biased;
        () = signals.end() => {}
        () = proxy.broken() => {}
    }
    proxy.shutdown().await.map_err(Failure::Record)
}

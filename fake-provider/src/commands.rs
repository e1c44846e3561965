//! What `fake-provider` does: says what a script tells it, records, or replays.

mod journal_file;
mod record;
mod replay;
mod secure;
pub(crate) mod serve;

use std::io::{self, Write};
use std::path::Path;

use clap::Subcommand;
use fake_provider::Listen;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Failure;

/// See each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Record(record::Arguments),
    Replay(replay::Arguments),
}

/// Does it, until it is told to end.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Record(arguments) => record::run(arguments).await,
        Command::Replay(arguments) => replay::run(arguments).await,
    }
}

/// Being told to end: SIGINT or SIGTERM.
struct Signals {
    interrupted: Signal,
    terminated: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupted: signal(SignalKind::interrupt()).map_err(Failure::Start)?,
            terminated: signal(SignalKind::terminate()).map_err(Failure::Start)?,
        })
    }

    async fn end(&mut self) {
        tokio::select! {
            biased;
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}

/// Whoever started us waits for this line.
fn say_where(root: &str, socket: Option<&Path>) {
    match socket {
        Some(path) => say(&format!("listening on unix:{}", path.display())),
        None => say(&format!("listening on {root}")),
    }
}

/// To whoever started us; if nobody reads it, nobody needs it.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// To whoever looks.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn shown(listen: &Listen) -> String {
    match listen {
        Listen::Tcp(address) => address.to_string(),
        Listen::Unix(path) => path.display().to_string(),
    }
}

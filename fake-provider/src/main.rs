//! `fake-provider`: a provider on a port, that says what a script tells it.

mod commands;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use fake_provider::{Listen, NoAuthority, RecordError, ReplayError, ScriptFileError};

/// A fake LLM provider: speaks five dialects, checks requests as the real providers do, and says exactly what a script tells it,
/// faults included.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<commands::Command>,
    #[command(flatten)]
    serve: commands::serve::Arguments,
}

fn listen(text: &str) -> Result<Listen, String> {
    match text.strip_prefix("unix:") {
        Some(path) => Ok(Listen::Unix(path.into())),
        None => text
            .parse()
            .map(Listen::Tcp)
            .map_err(|_| "expected an address and a port, or unix:PATH".to_owned()),
    }
}

/// Why the program ends early; each with its own exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}; nothing was started")]
    Script(ScriptFileError),
    #[error("failed to listen at {at}: {source}{}", remedy(at, source))]
    Listen { at: String, source: io::Error },
    #[error("failed to write the journal {path}: {source}")]
    Journal { path: String, source: io::Error },
    #[error("failed to {0}")]
    Authority(NoAuthority),
    #[error("failed to write the authority's certificate {path}: {source}")]
    CaFile { path: String, source: io::Error },
    #[error("failed to start: {0}")]
    Start(io::Error),
    #[error(transparent)]
    Record(RecordError),
    #[error(transparent)]
    Replay(ReplayError),
}

/// What to do about an address that is taken.
fn remedy(at: &str, error: &io::Error) -> &'static str {
    let is_taken = error.kind() == io::ErrorKind::AddrInUse;
    match (is_taken, at.parse::<SocketAddr>()) {
        (false, _) => "",
        (true, Ok(_)) => {
            "; another program listens there: take another port, or 0 for any free one"
        }
        (true, Err(_)) => "; something is there already: take it away, or take another path",
    }
}

impl Failure {
    /// 102: the script or a recording is wrong. 105: the machine does not let us.
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Script(ScriptFileError::Bad(_))
            | Self::Replay(ReplayError::Damaged(_) | ReplayError::Empty { .. }) => 102,
            Self::Script(ScriptFileError::Unreadable { .. })
            | Self::Listen { .. }
            | Self::Journal { .. }
            | Self::Authority(_)
            | Self::CaFile { .. }
            | Self::Start(_)
            | Self::Record(_)
            | Self::Replay(_) => 105,
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the edge of the program speaks to a person"
)]
fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fake-provider: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Start)?;
    match arguments.command {
        Some(command) => runtime.block_on(commands::run(command)),
        None => runtime.block_on(commands::serve::run(arguments.serve)),
    }
}

//! The real client libraries against the fake provider.
//!
//! - `check`: nothing is broken, and every client takes every answer for the real thing
//! - `behaviour`: everything is broken, and what each client makes of it is written down
//! - `drive`: does jobs with the clients in Rust, as the drivers in `python/` and `node/` do with theirs
//!
//! | module | what |
//! |---|---|
//! | `roster` | the clients, their versions, what each can be asked |
//! | `installed` | puts them into git-ignored folders, once |
//! | `driver`, `job`, `rust_client` | makes a client do something and tells what it saw |
//! | `stage` | a job against a provider of its own |
//! | `clean` | what has to be seen |
//! | `behaviour` | faults, cells, and the document about them |

mod behaviour;
mod clean;
mod driver;
mod installed;
mod job;
mod roster;
mod rust_client;
mod stage;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use brownout::isolation;
use clap::{Parser, Subcommand};

/// The real client libraries against the fake provider.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every client accepts what the provider says when nothing goes wrong, and its errors.
    Check {
        /// Only checks whose name, `CLIENT/DIALECT/MODE/WHAT`, contains this.
        #[arg(default_value = "")]
        only: String,
        /// Tell what was seen, wrong or not.
        #[arg(long)]
        show: bool,
    },
    /// What every client makes of every fault.
    Behaviour {
        /// Only cells whose name, `CLIENT/DIALECT/MODE/FAULT`, contains this.
        #[arg(default_value = "")]
        only: String,
        /// Tell everything about each cell.
        #[arg(long)]
        show: bool,
        /// Write the document there.
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// Does jobs with `async-openai`: one, or one a line of the standard input.
    Drive {
        /// A job as JSON.
        job: Option<String>,
    },
}

fn main() -> ExitCode {
    let told = run(Arguments::parse().command);
    match told {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "sdk-conformance: failed to {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<bool, Box<dyn std::error::Error>> {
    if !matches!(command, Command::Drive { .. }) {
        installed::install()?;
        // A client that asks anybody but the provider for anything is not to get an answer. Where the machine forbids it, the
        // checks are the same, and only this is not proved.
        if let Err(error) = isolation::enter() {
            writeln!(io::stderr(), "going on with the network: failed to {error}")?;
        }
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match command {
            Command::Check { only, show } => check(&only, show).await,
            Command::Behaviour { only, show, write } => {
                measure(&only, show, write.as_deref()).await
            }
            Command::Drive { job } => {
                rust_client::drive(job.as_deref()).await?;
                Ok(true)
            }
        }
    })
}

async fn check(only: &str, show: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let (mut made, mut wrong) = (0, 0);
    for (client, told) in clean::check_all(only, show).await {
        let mut out = io::stdout().lock();
        writeln!(out, "{}: {} checks", client.title(), told.made)?;
        for line in &told.wrong {
            writeln!(out, "  {line}")?;
        }
        made += told.made;
        wrong += told.wrong.len();
    }
    writeln!(io::stdout(), "{made} checks, {wrong} wrong")?;
    Ok(wrong == 0 && made > 0)
}

async fn measure(
    only: &str,
    show: bool,
    write: Option<&Path>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let matrix = behaviour::measure(only, show).await;
    let mistakes = matrix.mistakes();
    let mut out = io::stdout().lock();
    for mistake in &mistakes {
        writeln!(out, "  {mistake}")?;
    }
    let cells = matrix.cells.len();
    writeln!(out, "{cells} cells, {} that are none", mistakes.len())?;
    if let Some(path) = write {
        fs::write(path, behaviour::written(&matrix, &today(), &python()?))?;
    }
    Ok(mistakes.is_empty() && cells > 0)
}

/// What the clients in Python run on: `Python 3.11.7`.
fn python() -> io::Result<String> {
    let client = &roster::CLIENTS[0];
    let program = installed::program(client).unwrap_or_else(|| "python3".into());
    let told = std::process::Command::new(program)
        .arg("--version")
        .output()?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

/// The day of a measurement, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "when something was measured is told to a person, and decides nothing"
)]
fn today() -> String {
    chrono::DateTime::<chrono::Utc>::from(SystemTime::now())
        .format("%Y-%m-%d")
        .to_string()
}

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
//! | `trust` | the authority that clients are told to trust |
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
mod trust;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use behaviour::{Chosen, Kept};
use brownout::isolation;
use clap::{Parser, Subcommand};
use trust::Trust;

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
        /// Measure only faults that the document knows nothing of, and keep the rest of it.
        #[arg(long, requires = "write", conflicts_with = "only")]
        new: bool,
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
    let trust = Arc::new(Trust::make()?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match command {
            Command::Check { only, show } => check(&trust, &only, show).await,
            Command::Behaviour {
                only,
                show,
                write,
                new,
            } => {
                let kept = match &write {
                    Some(path) if new => Kept::read(&fs::read_to_string(path)?),
                    _ => Kept::default(),
                };
                let kept = Arc::new(kept);
                measure(&trust, &Chosen { only, kept }, (show, write.as_deref())).await
            }
            Command::Drive { job } => {
                rust_client::drive(job.as_deref()).await?;
                Ok(true)
            }
        }
    })
}

async fn check(
    trust: &Arc<Trust>,
    only: &str,
    show: bool,
) -> Result<bool, Box<dyn std::error::Error>> {
    let (mut made, mut wrong) = (0, 0);
    for (client, told) in clean::check_all(trust, only, show).await {
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
    trust: &Arc<Trust>,
    chosen: &Chosen,
    (show, write): (bool, Option<&Path>),
) -> Result<bool, Box<dyn std::error::Error>> {
    let matrix = behaviour::measure(trust, chosen, show).await;
    let mistakes = matrix.mistakes();
    let mut out = io::stdout().lock();
    for mistake in &mistakes {
        writeln!(out, "  {mistake}")?;
    }
    let cells = matrix.cells.len();
    writeln!(out, "{cells} cells, {} that are none", mistakes.len())?;
    if let Some(path) = write {
        fs::write(
            path,
            behaviour::written(&matrix, &chosen.kept, (&today(), &python()?)),
        )?;
    }
    // With what was known before there may be nothing new.
    Ok(mistakes.is_empty() && (cells > 0 || !chosen.kept.is_empty()))
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

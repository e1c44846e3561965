//! The project's own checks: `cargo ci check|tidy|gate|defects|docs|clients|readme|performance`.
//!
//! Imports nothing of the house: it runs programs and reads files, so that it cannot be wrong together with them.

mod failure;
mod generated;
mod performance;
mod program;
mod readme;
mod step;
mod steps;
mod tidy;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::step::Step;

/// The project's own checks.
#[derive(Parser)]
#[command(name = "cargo ci", bin_name = "cargo ci")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Clone, Copy)]
enum Command {
    /// Everything: style, lints, every binary, all tests, defects, the gate, the README, generated files.
    Check,
    /// The house style, as far as no compiler checks it.
    Tidy,
    /// Every scenario against the reference agent, in virtual and in real time, and against the openai-python target.
    Gate,
    /// The matrix of defects and invariants: each defect is convicted by what it is meant for, and by nothing else.
    Defects,
    /// Writes the generated files anew.
    Docs,
    /// Measures what every client library makes of every fault, and writes `docs/client-behaviour.md`.
    Clients {
        /// Only faults that the document knows nothing of; the rest of it stays as it is.
        #[arg(long)]
        new: bool,
    },
    /// Runs the commands of the README.
    Readme,
    /// Measures what the gate costs here: a table as it stands in `docs/performance.md`.
    Performance,
}

impl Command {
    fn steps(self) -> Vec<Step> {
        match self {
            Self::Check => steps::check(),
            Self::Tidy => steps::tidy(),
            Self::Gate => steps::gate(),
            Self::Defects => steps::defects(),
            Self::Docs => steps::docs(),
            Self::Clients { new } => steps::clients(new),
            Self::Readme => steps::readme(),
            Self::Performance => steps::performance(),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in a folder of the workspace");
    let mut out = io::stdout().lock();
    let passed = step::run(&arguments.command.steps(), root, &mut out);
    if out.flush().is_ok() && matches!(passed, Ok(true)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

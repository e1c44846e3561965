//! `brownout check`: reads and plans, and runs nothing.

use std::path::PathBuf;

use clap::Args;
use scenario::{Draw, Plan};

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;
use crate::selection::{self, FOLDER};
use crate::target;

/// Reads scenarios and makes plans of them, and tells every mistake; runs nothing.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Scenario files, or folders of them
    #[arg(default_value = FOLDER)]
    paths: Vec<PathBuf>,
    /// A target file to check as well
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
}

/// Checks.
///
/// # Errors
///
/// Every mistake in every file.
pub(crate) fn check(
    arguments: &CheckArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    if let Some(file) = &arguments.target {
        target::open(Some(file))?;
    }
    let scenarios = selection::select(&arguments.paths, None)?;
    // Whether a plan can be made does not depend on the seed.
    let refused: Vec<String> = scenarios
        .iter()
        .filter_map(|scenario| Plan::draw(scenario, &Draw::new(0)).err())
        .map(|refused| refused.to_string())
        .collect();
    if !refused.is_empty() {
        let told = refused.join("\nfailed to ");
        return Err(CommandError::Invalid { told });
    }
    let noun = if scenarios.len() == 1 {
        "scenario makes"
    } else {
        "scenarios make"
    };
    writeln!(console.out, "{} {noun} sense", scenarios.len())?;
    Ok(ExitCode::AllHold)
}

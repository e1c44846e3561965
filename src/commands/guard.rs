//! `brownout guard`: waits until whoever started it is gone, then takes down what was left. Not for people.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit_code::ExitCode;
use crate::failure::CommandError;

/// Takes down what a killed campaign leaves behind.
#[derive(Debug, Args)]
pub(crate) struct GuardArguments {
    /// Where the folders of its cases are
    folder: PathBuf,
}

/// Guards until the end of the standard input.
///
/// # Errors
///
/// The machine refuses a signal handler.
pub(crate) fn guard(arguments: &GuardArguments) -> Result<ExitCode, CommandError> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Asking for everybody's end asks for the campaign's; the guard goes last.
        flag::register(signal, Arc::default())
            .map_err(|error| CommandError::Environment(format!("listen for signals: {error}")))?;
    }
    // An error ends the waiting as well as the end does.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    runner::kill_cases_below(&arguments.folder);
    // Usually it is gone already.
    let _ = fs::remove_dir_all(&arguments.folder);
    Ok(ExitCode::AllHold)
}

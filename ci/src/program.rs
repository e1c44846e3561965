//! Running programs in the root of the workspace.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// Runs a command line given as words; its output goes where ours goes.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<(), Failure> {
    let status = command(root, words)
        .status()
        .map_err(|source| start(words, source))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Ended {
        command: words.join(" "),
        status,
    })
}

/// Runs a command line and gives back what it printed; its errors go where ours go.
pub(crate) fn output(root: &Path, words: &[&str]) -> Result<String, Failure> {
    let output = command(root, words)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| start(words, source))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Failure::Ended {
        command: words.join(" "),
        status: output.status,
    })
}

/// Whether a command line can be started and ends well; nothing of it is shown.
pub(crate) fn works(root: &Path, words: &[&str]) -> bool {
    let mut command = command(root, words);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn command(root: &Path, words: &[&str]) -> Command {
    let (program, arguments) = words.split_first().expect("a command has a program");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null());
    command
}

fn start(words: &[&str], source: std::io::Error) -> Failure {
    Failure::Start {
        program: words[0].to_owned(),
        source,
    }
}

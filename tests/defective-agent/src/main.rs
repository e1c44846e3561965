//! `defective-agent`: the command line of the reference agent, with one bad habit behind it.
//!
//! `defective-agent --defect NAME …` takes the same arguments as `reference-agent`; `defective-agent --list` names the defects.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// The exit code for a command line that cannot be used, as the reference agent has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments
        .next()
        .unwrap_or_else(|| OsString::from("defective-agent"));
    let first = arguments.next();
    match first.as_ref().and_then(|word| word.to_str()) {
        Some("--list") => list(),
        Some("--defect") => {
            let name = arguments.next().unwrap_or_default();
            match defective_agent::find(&name.to_string_lossy()) {
                Some(defect) => {
                    let words = std::iter::once(program).chain(arguments);
                    reference_agent::command::main_with((defect.seams)(), words)
                }
                None => complain(&format!("failed to find the defect `{}`", name.display())),
            }
        }
        _ => complain("failed to begin: the first argument must be `--defect NAME` or `--list`"),
    }
}

fn list() -> ExitCode {
    let mut screen = std::io::stdout().lock();
    for defect in defective_agent::registry() {
        // A closed standard output is nobody's concern.
        let _ = writeln!(screen, "{:<26} {}", defect.name, defect.sentence);
    }
    ExitCode::SUCCESS
}

fn complain(what: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {what}");
    ExitCode::from(USAGE)
}

//! The subcommands, one file each, and what goes for all of them: arguments in, exit code out.

mod check;
mod explain;
mod guard;
mod init;
mod judge;
mod list;
mod run;
mod schema;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;

/// Finds out what an LLM agent or gateway does when its provider fails
#[derive(Debug, Parser)]
#[command(name = "brownout", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios against a target and judge what was recorded
    Run(run::RunArguments),
    /// Read scenarios, make plans of them and tell every mistake; run nothing
    Check(check::CheckArguments),
    /// Judge what was recorded once more
    Judge(judge::JudgeArguments),
    /// List scenarios
    List(list::ListArguments),
    /// Explain an invariant, the exit codes, or a fault
    Explain(explain::ExplainArguments),
    /// Print the JSON schema of scenario files
    Schema(schema::SchemaArguments),
    /// Write the files to begin with
    Init(init::InitArguments),
    #[command(hide = true)]
    Guard(guard::GuardArguments),
}

/// Does what the arguments say, and gives back what the process has to answer. The first argument is the program's name.
pub fn main(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> ExitCode {
    let result = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => dispatch(arguments.command, console),
        Err(error) => return usage(&error, console),
    };
    let flushed = console.out.flush().map_err(CommandError::Output);
    match result.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            // Where errors cannot be told either, the exit code still says it.
            let _told = tell(&error, console);
            error.exit_code()
        }
    }
}

fn dispatch(command: Command, console: &mut Console<'_>) -> Result<ExitCode, CommandError> {
    match command {
        Command::Run(arguments) => run::run(arguments, console),
        Command::Check(arguments) => check::check(&arguments, console),
        Command::Judge(arguments) => judge::judge(&arguments, console),
        Command::List(arguments) => list::list(&arguments, console),
        Command::Explain(arguments) => explain::explain(&arguments, console),
        Command::Schema(arguments) => schema::schema(&arguments, console),
        Command::Init(arguments) => init::init(&arguments, console),
        Command::Guard(arguments) => guard::guard(&arguments),
    }
}

/// Help and versions are answers; everything else that the parser says is a mistake in the command line.
fn usage(error: &clap::Error, console: &mut Console<'_>) -> ExitCode {
    let text = error.render();
    let _told = if error.use_stderr() {
        write!(console.err, "{text}")
    } else {
        write!(console.out, "{text}").and_then(|()| console.out.flush())
    };
    if error.use_stderr() {
        ExitCode::Usage
    } else {
        ExitCode::AllHold
    }
}

fn tell(error: &CommandError, console: &mut Console<'_>) -> std::io::Result<()> {
    match error {
        CommandError::Invalid { told } if told.starts_with("error: ") => {
            console.err.write_all(told.as_bytes())
        }
        other => writeln!(console.err, "error: failed to {other}"),
    }
}

/// The sentence of an invariant, for reports.
fn sentence_of(id: &str) -> Option<&'static str> {
    invariants::rule(id).map(|rule| rule.sentence)
}

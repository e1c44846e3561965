//! `reference-agent`: the command line with the habits that ship.

use std::process::ExitCode;

fn main() -> ExitCode {
    reference_agent::command::main_with(
        reference_agent::seams::Seams::default(),
        std::env::args_os(),
    )
}

//! The judges are judged: every defect against every shipped scenario, and what convicts it.
//!
//! `cargo ci defects`, or `cargo test --test defects -- [--defect NAME] [--scenario PART] [--jobs N]`. Fails if a defect
//! escapes what is meant to convict it, is convicted by anything that it does not declare, if a rule or a scenario convicts
//! nothing, or if the agent that ships is accused of anything.

mod arguments;
mod case;
mod demands;
mod prompt;
mod suspect;
mod tables;
mod trial;

use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Wanted};

fn main() -> ExitCode {
    let mut screen = std::io::stdout();
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(Wanted::Trial(arguments)) => arguments,
        Ok(Wanted::Nothing) => return ExitCode::SUCCESS,
        Err(complaint) => {
            let _ = writeln!(screen, "error: {complaint}");
            return ExitCode::from(2);
        }
    };
    match trial::hold(&arguments) {
        Ok(record) => {
            let complaints = demands::check(&record);
            let told = tables::told(&record, &complaints);
            let _ = screen.write_all(told.as_bytes());
            if complaints.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            let _ = writeln!(screen, "error: failed to {error}");
            ExitCode::FAILURE
        }
    }
}

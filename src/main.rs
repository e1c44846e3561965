//! The edge of the `brownout` command: arguments, environment and terminal in, exit code out.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use brownout::{Console, QuietPipe};
use report::Ink;

fn main() -> ExitCode {
    let environment = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.into_string().ok()?))
    });
    let environment = environment.collect();
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let mut console = Console {
        ink: ink(&environment, stdout.is_terminal()),
        err_ink: ink(&environment, stderr.is_terminal()),
        out: &mut QuietPipe::new(stdout),
        err: &mut QuietPipe::new(stderr),
        environment,
    };
    brownout::main(std::env::args_os(), &mut console).into()
}

/// Colour only where a person looks and has not said no; see no-color.org.
fn ink(environment: &std::collections::BTreeMap<String, String>, terminal: bool) -> Ink {
    let said = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    if terminal && !dumb && !said("NO_COLOR") {
        Ink::COLOURED
    } else {
        Ink::PLAIN
    }
}

//! `brownout check`: reads and plans, and runs nothing.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use scenario::{Dialect, Draw, Mistake, Obstacle, Plan, Scenario};

use crate::console::Console;
use crate::dialect_choice::{self, DialectChoice};
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
    /// Protocols that every scenario has to make sense in: `all`, or names with commas between them [default: any one]
    #[arg(long, value_name = "DIALECT", value_delimiter = ',', value_parser = DialectChoice::from_str)]
    dialect: Vec<DialectChoice>,
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
    let dialects = dialect_choice::dialects(&arguments.dialect);
    let impossible: Vec<String> = scenarios
        .iter()
        .filter_map(|scenario| impossible(scenario, &dialects))
        .collect();
    if !impossible.is_empty() {
        let told = impossible.join("\n");
        return Err(CommandError::Invalid { told });
    }
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

/// What keeps a scenario from being played in each of these dialects, shown where it stands; without any, in every dialect
/// that it is written for.
fn impossible(scenario: &Scenario, dialects: &[Dialect]) -> Option<String> {
    let own = match scenario.dialects.is_empty() {
        true => &Dialect::ALL[..],
        false => &scenario.dialects,
    };
    let playable = |dialect: &Dialect| scenario.obstacles_in(*dialect).is_empty();
    let asked = match dialects.is_empty() {
        true if own.iter().any(playable) => return None,
        // One is enough to tell why: where it is possible nowhere, the reason is the same everywhere.
        true => own.get(..1).unwrap_or_default(),
        false => dialects,
    };
    let mut mistakes: Vec<Mistake> = Vec::new();
    let obstacles = { asked.iter() }.flat_map(|dialect| scenario.obstacles_in(*dialect));
    for Obstacle { place, reason } in obstacles {
        let mistake = Mistake::new(place, reason);
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    }
    if mistakes.is_empty() {
        return None;
    }
    // It was read a moment ago; should it be gone, the reasons still stand.
    let text = std::fs::read_to_string(&scenario.file).unwrap_or_default();
    Some(scenario::render(&scenario.file, &text, &mistakes))
}

//! `brownout list`: which scenarios there are.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use scenario::Scenario;
use serde_json::{Value, json};

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;
use crate::filter::Filter;
use crate::selection::{self, FOLDER};

/// Lists scenarios.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Scenario files, or folders of them
    #[arg(default_value = FOLDER)]
    paths: Vec<PathBuf>,
    /// Only these, as for `run`
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// For a person or for a program
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// A line each
    Text,
    /// One document: `format`, `scenarios` (each with `name`, `file`, `title`, `tags`, `needs`, `source`)
    Json,
}

/// Lists.
///
/// # Errors
///
/// A file is wrong or unreadable, or nothing is left.
pub(crate) fn list(
    arguments: &ListArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    let filter = arguments.filter.as_ref().map(|text| text.parse::<Filter>());
    let filter = filter
        .transpose()
        .map_err(|error| CommandError::Usage(format!("read the filter: {error}")))?;
    let scenarios = selection::select(&arguments.paths, filter.as_ref())?;
    match arguments.format {
        ListFormat::Text => {
            let width = scenarios.iter().map(|scenario| scenario.name.len()).max();
            let width = width.unwrap_or_default();
            for scenario in &scenarios {
                writeln!(console.out, "{:<width$}  {}", scenario.name, scenario.title)?;
            }
        }
        ListFormat::Json => {
            let scenarios: Vec<Value> = scenarios.iter().map(form).collect();
            let document = json!({ "format": 1, "scenarios": scenarios });
            writeln!(console.out, "{document:#}")?;
        }
    }
    Ok(ExitCode::AllHold)
}

fn form(scenario: &Scenario) -> Value {
    let needs: Vec<_> = scenario.needs.iter().map(|need| need.as_str()).collect();
    json!({
        "name": scenario.name,
        "file": scenario.file,
        "title": scenario.title,
        "tags": scenario.tags,
        "needs": needs,
        "source": scenario.source,
    })
}

//! `brownout schema`: the JSON schema of scenario files, for editors.

use clap::{Args, ValueEnum};

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;

/// Prints the JSON schema of a kind of file.
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// The kind of file
    #[arg(default_value = "scenario")]
    kind: FileKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FileKind {
    /// What the provider does, what the user does, what must be true
    Scenario,
}

/// Prints.
///
/// # Errors
///
/// The output cannot be written.
pub(crate) fn schema(
    arguments: &SchemaArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    let text = match arguments.kind {
        FileKind::Scenario => scenario::schema_text(),
    };
    console.out.write_all(text.as_bytes())?;
    Ok(ExitCode::AllHold)
}

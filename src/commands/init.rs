//! `brownout init`: the files to begin with. Never overwrites one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;

/// What is written, and where.
const FILES: [(&str, &str); 5] = [
    ("brownout.toml", include_str!("init/brownout.toml")),
    ("targets/my-agent.toml", include_str!("init/my-agent.toml")),
    (
        "scenarios/first/passes.toml",
        include_str!("init/passes.toml"),
    ),
    (
        "scenarios/first/fails.toml",
        include_str!("init/fails.toml"),
    ),
    (
        ".github/workflows/brownout.yml",
        include_str!("init/workflow.yml"),
    ),
];

/// Writes a target file, a scenario that passes, one that fails, and a CI workflow; overwrites nothing.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Where
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

/// Writes.
///
/// # Errors
///
/// A file cannot be written.
pub(crate) fn init(
    arguments: &InitArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    for (name, text) in FILES {
        let path = arguments.folder.join(name);
        let said = if write_new(&path, text)? {
            "wrote"
        } else {
            "kept "
        };
        writeln!(console.out, "{said} {}", path.display())?;
    }
    let next = "one scenario holds and one is violated: `brownout run` shows what that looks like,\n\
        `brownout run --target targets/my-agent.toml` judges your own agent once its file is filled in";
    writeln!(console.out, "\n{next}")?;
    Ok(ExitCode::AllHold)
}

/// Whether it was written; a file that is there already stays as it is.
fn write_new(path: &Path, text: &str) -> Result<bool, CommandError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| CommandError::write(folder, error))?;
    }
    // Made and checked in one step, so that nobody's file is lost in between.
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    match made.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(CommandError::write(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::TargetFile;

    #[test]
    fn what_is_written_makes_sense() {
        let (_, target) = FILES[1];
        TargetFile::parse(target, Path::new("targets")).unwrap();
        for (name, text) in &FILES[2..4] {
            scenario::parse(text, Path::new(name), name).unwrap();
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("deep/a.toml");
        assert!(write_new(&path, "mine").unwrap());
        assert!(!write_new(&path, "theirs").unwrap());
        assert_eq!(fs::read_to_string(path).unwrap(), "mine");
    }
}

//! The system under test, from a file or embedded, made ready to be started: read, set up, isolated.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use runner::{MARK, Setup, Target, TargetFile, TargetFileError};

use crate::console::Console;
use crate::embedded::Embedded;
use crate::failure::CommandError;
use crate::isolation;

/// The target that `file` describes; the reference agent in this process without one.
///
/// # Errors
///
/// The file cannot be read, or is wrong; then every mistake in it is told.
pub(crate) fn open(file: Option<&Path>) -> Result<Target, CommandError> {
    let Some(path) = file else {
        return Ok(Target::Embedded(Arc::new(Embedded::reference())));
    };
    match TargetFile::load(path) {
        Ok(file) => Ok(Target::Started(Arc::new(file))),
        Err(TargetFileError::Io { path, source }) => Err(CommandError::read(&path, source)),
        Err(TargetFileError::Invalid {
            file,
            text,
            mistakes,
        }) => Err(CommandError::Invalid {
            told: scenario::render(Path::new(&file), &text, &mistakes),
        }),
    }
}

/// What a started target is prepared for.
pub(crate) struct Premises<'a> {
    /// Whether it may reach nothing but loopback.
    pub(crate) isolated: bool,
    /// The folder below which everything of it lives, by which the processes of its setup are known as well.
    pub(crate) scratch: &'a Path,
}

/// Does what a started target needs done before its first case: its setup while there is still a network, then isolation.
/// Nothing for an embedded one. Has to come before this process starts a thread.
///
/// # Errors
///
/// A command of the setup fails, or the machine refuses isolation and the caller insists on it.
pub(crate) fn prepare(
    target: &Target,
    premises: &Premises<'_>,
    console: &mut Console<'_>,
) -> Result<(), CommandError> {
    let Target::Started(file) = target else {
        return Ok(());
    };
    let setup = file.setup(bin_dir().as_deref()).map_err(|template| {
        CommandError::Target(format!(
            "set the target up: `{{{template}}}` has no value here"
        ))
    })?;
    if let Some(setup) = setup {
        set_up(&setup, premises.scratch, console)?;
    }
    runner::adopt_orphans().map_err(|error| {
        CommandError::Environment(format!("take over the target's orphans: {error}"))
    })?;
    if !premises.isolated {
        writeln!(
            console.err,
            "not isolated: the target can reach the network"
        )?;
        return Ok(());
    }
    isolation::enter().map_err(|error| {
        let way_out = "run it with --no-isolation to go without";
        CommandError::Environment(format!("{error}; {way_out}"))
    })
}

/// The folder of our own executables.
pub(crate) fn bin_dir() -> Option<std::path::PathBuf> {
    let own = std::env::current_exe().ok()?;
    own.parent().map(Path::to_owned)
}

fn set_up(setup: &Setup, scratch: &Path, console: &mut Console<'_>) -> Result<(), CommandError> {
    if setup.stamp.as_ref().is_some_and(|stamp| stamp.exists()) {
        return Ok(());
    }
    for words in &setup.commands {
        let line = words.join(" ");
        writeln!(console.err, "setup: {line}")?;
        console.err.flush()?;
        run(words, (&setup.folder, scratch), console)
            .map_err(|why| CommandError::Target(format!("set the target up: `{line}`: {why}")))?;
    }
    let Some(stamp) = &setup.stamp else {
        return Ok(());
    };
    fs::write(stamp, "").map_err(|error| CommandError::write(stamp, error))
}

fn run(
    words: &[String],
    (folder, scratch): (&Path, &Path),
    console: &mut Console<'_>,
) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env(MARK, scratch.join("setup"))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    // Only a failure is worth the pages that package managers print.
    for text in [&output.stdout, &output.stderr] {
        console
            .err
            .write_all(text)
            .map_err(|error| error.to_string())?;
    }
    Err(output.status.to_string())
}

//! Scenario files: finding them, reading them, naming them. The only part of this crate that touches the disk.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use provider_script::reading::{self, SourceError};
use wire_faults::Mistake;

use crate::check::{About, check};
use crate::scenario::Scenario;
use crate::spec::ScenarioSpec;

/// A folder that holds scenarios, by its usual name.
const USUAL_ROOT: &str = "scenarios";

/// A scenario could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or folder could not be read.
    #[error("read {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file has mistakes.
    #[error("read a scenario: {0}")]
    Invalid(InvalidScenario),
}

/// A file with mistakes, and all that is needed to show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidScenario {
    /// The file, as it was named.
    pub file: PathBuf,
    /// What is written in it.
    pub text: String,
    /// Every mistake, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for InvalidScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::render::count(self.mistakes.len(), &self.file))
    }
}

/// Loads a scenario that is named by its path below `root`.
///
/// # Errors
///
/// If the file cannot be read, or with every mistake in it.
pub fn load(path: &Path, root: &Path) -> Result<Scenario, LoadError> {
    load_checked(path, root, None)
}

/// Loads a scenario and also refuses waivers of invariants that do not exist.
///
/// # Errors
///
/// If the file cannot be read, or with every mistake in it.
pub fn load_knowing(path: &Path, root: &Path, invariants: &[&str]) -> Result<Scenario, LoadError> {
    load_checked(path, root, Some(invariants))
}

fn load_checked(
    path: &Path,
    root: &Path,
    invariants: Option<&[&str]>,
) -> Result<Scenario, LoadError> {
    let text = text_of(path)?;
    let about = About {
        text: &text,
        file: path,
        name: &name_of(path, root),
        invariants,
    };
    parse_about(&about).map_err(|mistakes| {
        LoadError::Invalid(InvalidScenario {
            file: path.to_path_buf(),
            text: text.clone(),
            mistakes,
        })
    })
}

fn text_of(path: &Path) -> Result<String, LoadError> {
    let failed = |source| LoadError::Io {
        path: path.to_path_buf(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    reading::source(file).map_err(|error| match error {
        SourceError::Io(source) => failed(source),
        SourceError::NotText { shown, mistake } => LoadError::Invalid(InvalidScenario {
            file: path.to_path_buf(),
            text: shown,
            mistakes: vec![mistake],
        }),
    })
}

/// Reads a scenario from its text.
///
/// # Errors
///
/// Every mistake in it, in the order of the file.
pub fn parse(text: &str, file: &Path, name: &str) -> Result<Scenario, Vec<Mistake>> {
    parse_about(&About {
        text,
        file,
        name,
        invariants: None,
    })
}

fn parse_about(about: &About<'_>) -> Result<Scenario, Vec<Mistake>> {
    let reading = reading::read::<ScenarioSpec>(about.text);
    let mut mistakes = reading.mistakes;
    let scenario = reading
        .value
        .map(|spec| check(&spec, about, &reading.told, &mut mistakes));
    match scenario {
        Some(scenario) if mistakes.is_empty() => Ok(scenario),
        _ => {
            mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
            Err(mistakes)
        }
    }
}

/// The scenario files among these paths: files as they are, folders searched through to their depths for `*.toml`, in one
/// fixed order.
///
/// # Errors
///
/// If a path does not exist or a folder cannot be read.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<PathBuf>, LoadError> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|source| LoadError::Io {
            path: path.clone(),
            source,
        })?;
        if metadata.is_dir() {
            search(path, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Io {
        path: folder.to_path_buf(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // Links are not followed into folders, so that none can lead round in a circle.
        if entry.file_type().map_err(failed)?.is_dir() {
            search(&path, found)?;
        } else if is_scenario(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// By its name. Whatever is no file by that name is not opened: a pipe would be waited at for ever. A link that leads nowhere is, so
/// that it is told.
fn is_scenario(path: &Path) -> bool {
    let named = path
        .extension()
        .is_some_and(|extension| extension == "toml");
    named && std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}

/// The folder that a scenario's name is counted from: the nearest one above it that is called `scenarios`, else its own.
#[must_use]
pub fn root_of(path: &Path) -> &Path {
    let own = path.parent().unwrap_or(Path::new(""));
    own.ancestors()
        .find(|folder| folder.file_name().is_some_and(|name| name == USUAL_ROOT))
        .unwrap_or(own)
}

/// `stream/cut-in-tool-arguments` for `scenarios/stream/cut-in-tool-arguments.toml`.
fn name_of(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests;

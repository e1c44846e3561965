//! From paths and a filter to scenarios: every mistake in every file at once, and nothing chosen in silence.

use std::path::{Path, PathBuf};

use scenario::{InvalidScenario, LoadError, Scenario};

use crate::failure::CommandError;
use crate::filter::Filter;

/// The folder that is meant when no path is given, and below which names begin.
pub(crate) const FOLDER: &str = "scenarios";

/// The scenarios below `paths` that the filter means, by name.
///
/// # Errors
///
/// A path cannot be read, a file is wrong, or nothing is left.
pub(crate) fn select(
    paths: &[PathBuf],
    filter: Option<&Filter>,
) -> Result<Vec<Scenario>, CommandError> {
    let mut scenarios = load(paths)?;
    if scenarios.is_empty() {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let message = format!("find a scenario in {}", paths.join(", "));
        return Err(CommandError::NothingSelected(message));
    }
    let of = scenarios.len();
    scenarios.retain(|scenario| filter.is_none_or(|filter| filter.matches(scenario)));
    if scenarios.is_empty() {
        let message = format!("select a scenario: the filter matches none of {of}");
        return Err(CommandError::NothingSelected(message));
    }
    scenarios.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(scenarios)
}

/// Every scenario below `paths`.
///
/// # Errors
///
/// A path cannot be read, or a file is wrong; then all mistakes of all files are told.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Scenario>, CommandError> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut told = Vec::new();
    let rules: Vec<&str> = invariants::registry().iter().map(|rule| rule.id).collect();
    for path in paths {
        let files = scenario::discover(std::slice::from_ref(path))
            .map_err(|error| nothing_here(path).unwrap_or_else(|| refused(error)))?;
        for file in files {
            match scenario::load_knowing(&file, root(path, &file), &rules) {
                Ok(scenario) => scenarios.push(scenario),
                Err(LoadError::Invalid(invalid)) => told.push(rendered(&invalid)),
                Err(error) => return Err(refused(error)),
            }
        }
    }
    if !told.is_empty() {
        let told = told.join("\n");
        return Err(CommandError::Invalid { told });
    }
    // The same file may have been reached by two paths.
    scenarios.sort_by(|one, other| (&one.name, &one.file).cmp(&(&other.name, &other.file)));
    scenarios.dedup_by(|one, other| one.file == other.file);
    Ok(scenarios)
}

/// Names begin below the nearest folder called `scenarios`, so that a file has one name however it is reached; where there
/// is none, below the folder that was given.
fn root<'a>(given: &'a Path, file: &'a Path) -> &'a Path {
    let usual = scenario::root_of(file);
    let is_usual = usual.file_name().is_some_and(|name| name == FOLDER);
    if is_usual || given == file {
        return usual;
    }
    given
}

/// The usual folder is usually meant without being said, so its absence needs more words than that of another.
fn nothing_here(path: &Path) -> Option<CommandError> {
    let missing = path == Path::new(FOLDER) && !path.exists();
    missing.then(|| {
        let message = format!(
            "find a folder `{FOLDER}` here; name scenario files or folders of them, or begin with `brownout init`"
        );
        CommandError::NothingSelected(message)
    })
}

fn refused(error: LoadError) -> CommandError {
    match error {
        LoadError::Io { path, source } => CommandError::read(&path, source),
        LoadError::Invalid(invalid) => CommandError::Invalid {
            told: rendered(&invalid),
        },
    }
}

fn rendered(invalid: &InvalidScenario) -> String {
    scenario::render(&invalid.file, &invalid.text, &invalid.mistakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name_however_it_is_reached() {
        let file = Path::new("scenarios/stream/cut.toml");
        for given in ["scenarios", "scenarios/stream", "scenarios/stream/cut.toml"] {
            assert_eq!(root(Path::new(given), file), Path::new("scenarios"));
        }
        let file = Path::new("mine/deep/cut.toml");
        assert_eq!(root(Path::new("mine"), file), Path::new("mine"));
        assert_eq!(root(file, file), Path::new("mine/deep"));
    }
}

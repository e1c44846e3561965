//! Profiles: options of `brownout run` under a name, in `brownout.toml`. The command line wins over the profile.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use scenario::reading::{self, SourceError};
use serde::Deserialize;

use crate::failure::CommandError;

/// The file that is looked for in the current folder.
pub(crate) const FILE: &str = "brownout.toml";

/// The profile that is used where none is named and the file has it.
const DEFAULT: &str = "default";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

/// Options under a name. What is not said is as if there were no profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Profile {
    /// The scenarios.
    pub(crate) paths: Vec<PathBuf>,
    /// The target file.
    pub(crate) target: Option<PathBuf>,
    /// Which scenarios.
    pub(crate) filter: Option<String>,
    /// The seed.
    pub(crate) seed: Option<u64>,
    /// How many cases run at a time.
    pub(crate) jobs: Option<NonZeroU16>,
    /// `KIND` or `KIND=FILE`, as after `--report`.
    pub(crate) reports: Vec<String>,
    /// `all`, or names with commas between them, as after `--dialect`.
    pub(crate) dialect: Option<String>,
    /// `streamed`, `whole` or `both`.
    pub(crate) streaming: Option<String>,
    /// Whether time is real.
    pub(crate) real_time: Option<bool>,
}

/// The profile that is meant: the one named, else the file's `default`, else nothing.
///
/// # Errors
///
/// The file is wrong or unreadable, or has no profile of that name.
pub(crate) fn load(folder: &Path, name: Option<&str>) -> Result<Profile, CommandError> {
    let path = folder.join(FILE);
    let text = match fs::File::open(&path) {
        Ok(file) => text_of(file, &path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => match name {
            None => return Ok(Profile::default()),
            Some(name) => {
                let message = format!("find the profile `{name}`: there is no {FILE} here");
                return Err(CommandError::Usage(message));
            }
        },
        Err(source) => return Err(CommandError::read(&path, source)),
    };
    parse(&path, &text, name)
}

fn text_of(file: fs::File, path: &Path) -> Result<String, CommandError> {
    reading::source(file).map_err(|error| match error {
        SourceError::Io(source) => CommandError::read(path, source),
        SourceError::NotText { shown, mistake } => CommandError::Invalid {
            told: scenario::render(path, &shown, &[mistake]),
        },
    })
}

fn parse(path: &Path, text: &str, name: Option<&str>) -> Result<Profile, CommandError> {
    let reading = reading::read::<ProfileFile>(text);
    let Some(mut file) = reading.value.filter(|_| reading.mistakes.is_empty()) else {
        return Err(CommandError::Invalid {
            told: scenario::render(path, text, &reading.mistakes),
        });
    };
    let wanted = name.unwrap_or(DEFAULT);
    match (file.profile.remove(wanted), name) {
        (Some(profile), _) => Ok(profile),
        (None, None) => Ok(Profile::default()),
        (None, Some(name)) => {
            let known: Vec<_> = file.profile.keys().map(String::as_str).collect();
            let known = known.join(", ");
            let message = format!("find the profile `{name}` in {FILE}; it has: {known}");
            Err(CommandError::Usage(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExitCode;

    const TEXT: &str = "[profile.ci]\nseed = 0x5eed\njobs = 2\nreports = [\"junit=report.xml\", \"github\"]\nstreaming = \"both\"\ndialect = \"all\"\nreal_time = true\n";

    fn told(text: &str, name: Option<&str>) -> Result<Profile, CommandError> {
        parse(Path::new(FILE), text, name)
    }

    fn jobs(profile: &Profile) -> Option<u16> {
        profile.jobs.map(NonZeroU16::get)
    }

    #[test]
    fn a_profile_is_read_whole() {
        let profile = told(TEXT, Some("ci")).unwrap();
        assert_eq!((profile.seed, jobs(&profile)), (Some(0x5eed), Some(2)));
        assert_eq!(profile.reports, ["junit=report.xml", "github"]);
        assert_eq!(profile.streaming.as_deref(), Some("both"));
        assert_eq!(profile.dialect.as_deref(), Some("all"));
        assert_eq!(profile.real_time, Some(true));
    }

    #[test]
    fn without_a_name_only_the_default_counts() {
        assert_eq!(told(TEXT, None).unwrap(), Profile::default());
        let text = "[profile.default]\njobs = 3\n";
        assert_eq!(jobs(&told(text, None).unwrap()), Some(3));
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let text = "[profile.ci]\nsede = 1\njobs = 0\npaths = [3]\n";
        let error = told(text, Some("ci")).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Invalid);
        let shown = error.to_string();
        for words in [
            "brownout.toml:2:1",
            "did you mean `seed`?",
            "expected a whole number from 1 to 65535",
            "expected text in quotes",
            "3 mistakes",
        ] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let error = told(TEXT, Some("nightly")).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Usage);
        assert!(error.to_string().ends_with("it has: ci"), "{error}");
    }
}

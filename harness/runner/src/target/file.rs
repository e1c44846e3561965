//! A target file, read and checked: how to start a system under test and how to talk to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fake_provider::ToolNames;
use scenario::reading::{self, SourceError};
use scenario::{BoundsOverrides, Dialect, Mistake, Need};
use sha2::{Digest as _, Sha256};

use super::check;
use super::spec::{Adapter, TargetSpec};
use super::template::{self, Name, Values};

/// How long a target may take to become ready where its file does not say.
pub(super) const READY_WITHIN: Duration = Duration::from_secs(30);

/// A system under test that is started by command.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetFile {
    /// Its name, as reports show it.
    pub name: String,
    /// How the runner talks to it.
    pub adapter: Adapter,
    /// What it needs other bounds for.
    pub bounds: BoundsOverrides,
    /// The protocols it speaks.
    pub dialects: BTreeSet<Dialect>,
    /// Whether it can be made to ask for streams.
    pub streamed: bool,
    /// Whether it can be made to ask for whole replies.
    pub whole: bool,
    /// Whether it passes on what a user says unchanged, so that a marker in it reaches the provider.
    pub markers: bool,
    pub(crate) command: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) ready_path: String,
    pub(crate) ready_within: Duration,
    pub(crate) prompt: String,
    pub(crate) prompt_failed: Option<String>,
    pub(crate) tools: ToolNames,
    pub(crate) supports: BTreeSet<Need>,
    pub(crate) observes: Vec<String>,
    pub(crate) folder: PathBuf,
    pub(super) setup: Vec<Vec<String>>,
    pub(super) setup_stamp: Option<String>,
}

/// A target file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TargetFileError {
    /// The file itself.
    #[error("read {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What stands in it.
    #[error("understand {file}: {} in it", count(mistakes.len()))]
    Invalid {
        /// The file, as it was named.
        file: String,
        /// Its text, for excerpts.
        text: String,
        /// Every mistake, in the order of the file.
        mistakes: Vec<Mistake>,
    },
}

fn count(mistakes: usize) -> String {
    match mistakes {
        1 => "1 mistake".to_owned(),
        n => format!("{n} mistakes"),
    }
}

/// What has to be done once before a target can be started, with the network still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The commands, in order; to be run in `folder`.
    pub commands: Vec<Vec<String>>,
    /// The folder of the target file.
    pub folder: PathBuf,
    /// Exists if the very same commands, over the very same files, were done before. To be made by whoever did them.
    pub stamp: Option<PathBuf>,
}

impl TargetFile {
    /// Reads a target file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or every mistake in it.
    pub fn load(path: &Path) -> Result<Self, TargetFileError> {
        let failed = |source| TargetFileError::Io {
            path: path.to_owned(),
            source,
        };
        let text = fs::File::open(path)
            .map_err(SourceError::Io)
            .and_then(reading::source)
            .map_err(|error| match error {
                SourceError::Io(source) => failed(source),
                SourceError::NotText { shown, mistake } => TargetFileError::Invalid {
                    file: path.display().to_string(),
                    text: shown,
                    mistakes: vec![mistake],
                },
            })?;
        // Processes work elsewhere, so every path has to be whole.
        let whole = fs::canonicalize(path).map_err(failed)?;
        let folder = whole.parent().unwrap_or(Path::new("/"));
        Self::parse(&text, folder).map_err(|mistakes| TargetFileError::Invalid {
            file: path.display().to_string(),
            text,
            mistakes,
        })
    }

    /// Reads the text of a target file that lies in `folder`.
    ///
    /// # Errors
    ///
    /// Every mistake in it, in the order of the file.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Mistake>> {
        let reading = reading::read::<TargetSpec>(text);
        let mut mistakes = reading.mistakes;
        if let Some(spec) = &reading.value {
            mistakes.extend(check::mistakes(spec, &reading.told));
        }
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        match reading.value {
            Some(spec) if mistakes.is_empty() => Ok(check::target(spec, folder)),
            _ => Err(mistakes),
        }
    }

    /// What has to be done before the target can be started, if anything; by the caller, before it gives up the network.
    ///
    /// # Errors
    ///
    /// The template that has no value here.
    pub fn setup(&self, bin_dir: Option<&Path>) -> Result<Option<Setup>, String> {
        if self.setup.is_empty() {
            return Ok(None);
        }
        let values = self.places(bin_dir);
        let fill = |text: &String| template::fill(text, &values);
        let commands = self
            .setup
            .iter()
            .map(|command| command.iter().map(fill).collect())
            .collect::<Result<Vec<Vec<String>>, _>>()?;
        let stamp = self.setup_stamp.as_ref().map(fill).transpose()?;
        let name = format!(".brownout-setup-{}", digest(&commands));
        Ok(Some(Setup {
            stamp: stamp.map(|stamp| self.folder.join(stamp).join(name)),
            commands,
            folder: self.folder.clone(),
        }))
    }

    /// The names whose values do not depend on the case.
    pub(crate) fn places(&self, bin_dir: Option<&Path>) -> Values {
        let mut values = Values::new();
        let mut set = |name: Name, path: &Path| {
            values.insert(name.as_str(), path.to_string_lossy().into_owned());
        };
        set(Name::TARGET_DIR, &self.folder);
        if let Some(bin_dir) = bin_dir {
            set(Name::BIN_DIR, bin_dir);
        }
        values
    }
}

/// Of the commands and of every file that they name: a changed list of requirements is a changed setup.
fn digest(commands: &[Vec<String>]) -> String {
    let mut digest = Sha256::new();
    for word in commands.iter().flatten() {
        digest.update(word);
        digest.update([0]);
        if Path::new(word).is_absolute() && word.ends_with(".txt") {
            digest.update(fs::read(word).unwrap_or_default());
        }
    }
    let bytes = digest.finalize();
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

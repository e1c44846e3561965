//! What a campaign leaves on disk: `campaigns/<id>/<case>/{plan.toml,journal.ndjson,verdicts.json,machine.json,scenario.toml}`
//! and the link `campaigns/latest`. Writes, and reads back for `brownout judge`.

use std::fs;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use invariants::Verdict;
use journal::Journal;
use scenario::Plan;
use serde::{Deserialize, Serialize};

use crate::failure::CommandError;
use crate::machine_clock::time_as_name;

/// The link to the newest campaign.
const LATEST: &str = "latest";
/// Most campaigns that can begin within one second.
const MOST_OF_A_SECOND: u32 = 1000;

/// The campaign as a program reads it, in its folder.
pub(crate) const REPORT_FILE: &str = "report.json";
const PLAN: &str = "plan.toml";
const JOURNAL: &str = "journal.ndjson";
const VERDICTS: &str = "verdicts.json";
const MACHINE: &str = "machine.json";
const SCENARIO: &str = "scenario.toml";

/// The folder of one campaign.
#[derive(Debug, Clone)]
pub(crate) struct CampaignFolder {
    /// The campaign's id, which is the folder's name.
    pub(crate) id: String,
    path: PathBuf,
}

/// What is stored of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredCase {
    /// What was decided.
    pub(crate) plan: Plan,
    /// What was observed.
    pub(crate) journal: Journal,
    /// What was ruled.
    pub(crate) verdicts: Vec<Verdict>,
    /// What only the machine decided.
    pub(crate) machine: serde_json::Value,
    /// The scenario's text as it was.
    pub(crate) source: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictsFile {
    format: u32,
    verdicts: Vec<Verdict>,
}

impl CampaignFolder {
    /// Makes the folder of a new campaign and points `latest` at it.
    ///
    /// # Errors
    ///
    /// The machine refuses.
    pub(crate) fn create(campaigns: &Path) -> Result<Self, CommandError> {
        fs::create_dir_all(campaigns).map_err(|error| CommandError::write(campaigns, error))?;
        let time = time_as_name();
        for number in 1..=MOST_OF_A_SECOND {
            let id = match number {
                1 => time.clone(),
                _ => format!("{time}.{number}"),
            };
            let path = campaigns.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => {
                    point_latest(campaigns, &id)?;
                    return Ok(Self { id, path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(CommandError::write(&path, error)),
            }
        }
        let message = format!("find a free name in {}", campaigns.display());
        Err(CommandError::Environment(message))
    }

    /// The folder of a case, as it is shown.
    pub(crate) fn of_case(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file of the campaign as a whole.
    ///
    /// # Errors
    ///
    /// The machine refuses.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), CommandError> {
        write(&self.path.join(name), text.as_bytes())
    }
}

/// `latest` is replaced in one step, so that whoever looks always finds a campaign.
fn point_latest(campaigns: &Path, id: &str) -> Result<(), CommandError> {
    let beside = campaigns.join(format!(".{LATEST}.{id}"));
    let link = campaigns.join(LATEST);
    std::os::unix::fs::symlink(id, &beside)
        .and_then(|()| fs::rename(&beside, &link))
        .map_err(|error| CommandError::write(&link, error))
}

impl StoredCase {
    /// Writes the case into `folder`, which is made.
    ///
    /// # Errors
    ///
    /// The machine refuses: a full disk, a folder that may not be written to.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), CommandError> {
        fs::create_dir_all(folder).map_err(|error| CommandError::write(folder, error))?;
        let file = VerdictsFile {
            format: 1,
            verdicts: self.verdicts.clone(),
        };
        let plan = self.plan.to_toml().map_err(|error| {
            CommandError::Environment(format!("write the plan as TOML: {error}"))
        })?;
        write(&folder.join(PLAN), plan.as_bytes())?;
        self.write_journal(&folder.join(JOURNAL))?;
        write_json(&folder.join(VERDICTS), &file)?;
        write_json(&folder.join(MACHINE), &self.machine)?;
        match &self.source {
            Some(source) => write(&folder.join(SCENARIO), source.as_bytes()),
            None => Ok(()),
        }
    }

    fn write_journal(&self, path: &Path) -> Result<(), CommandError> {
        let written = fs::File::create(path).and_then(|file| {
            let mut out = BufWriter::new(file);
            journal::write(&self.journal, &mut out)?;
            out.flush()
        });
        written.map_err(|error| CommandError::write(path, error))
    }

    /// Reads a case back. Only the plan and the journal have to be there.
    ///
    /// # Errors
    ///
    /// A file is missing, unreadable or not what its name says.
    pub(crate) fn read(folder: &Path) -> Result<Self, CommandError> {
        let path = folder.join(PLAN);
        let text = text(&path)?;
        let plan = Plan::from_toml(&text).map_err(|error| invalid(&path, error))?;
        let path = folder.join(JOURNAL);
        let file = fs::File::open(&path).map_err(|error| CommandError::read(&path, error))?;
        let journal = journal::read(BufReader::new(file)).map_err(|error| match error {
            journal::ReadError::Io(source) => CommandError::read(&path, source),
            other => invalid(&path, other),
        })?;
        let verdicts = read_json::<VerdictsFile>(&folder.join(VERDICTS))?;
        let machine = read_json(&folder.join(MACHINE))?;
        Ok(Self {
            plan,
            journal,
            verdicts: verdicts.map(|file| file.verdicts).unwrap_or_default(),
            machine: machine.unwrap_or_default(),
            source: fs::read_to_string(folder.join(SCENARIO)).ok(),
        })
    }
}

/// That a campaign ended too early, where it did; nothing of one that was whole, or of a single case.
///
/// # Errors
///
/// Its report cannot be read.
pub(crate) fn not_run(path: &Path) -> Result<Option<String>, CommandError> {
    #[derive(Deserialize)]
    struct Told {
        selected: usize,
        cases: Vec<serde::de::IgnoredAny>,
    }
    if path.join(PLAN).is_file() {
        return Ok(None);
    }
    let told = read_json::<Told>(&path.join(REPORT_FILE))?;
    Ok(match told.map(|told| (told.cases.len(), told.selected)) {
        None => Some(format!(
            "there is no {REPORT_FILE}, so this campaign may have been cut off; what it stored is judged"
        )),
        Some((run, selected)) if run < selected => Some(format!(
            "this campaign ended after {run} of {selected} cases; what it stored is judged"
        )),
        Some(_) => None,
    })
}

/// The case folders that `path` means: itself, or what lies in it, by name.
///
/// # Errors
///
/// It cannot be read, or there is no case.
pub(crate) fn cases(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if path.join(JOURNAL).is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| CommandError::read(path, error))?;
    let mut cases = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| CommandError::read(path, error))?;
        let holds = |name: &str| entry.path().join(name).is_file();
        // Half a case is one whose reading fails: leaving it out would make the rest look like everything.
        if holds(JOURNAL) || holds(PLAN) {
            cases.push(entry.path());
        }
    }
    if cases.is_empty() {
        let message = format!(
            "find a recorded case in {}: no {JOURNAL} there",
            path.display()
        );
        return Err(CommandError::NothingSelected(message));
    }
    cases.sort();
    Ok(cases)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    fs::write(path, bytes).map_err(|error| CommandError::write(path, error))
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value).expect("these types have only text as keys");
    write(path, (text + "\n").as_bytes())
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, CommandError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| invalid(path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CommandError::read(path, error)),
    }
}

fn text(path: &Path) -> Result<String, CommandError> {
    let bytes = fs::read(path).map_err(|error| CommandError::read(path, error))?;
    String::from_utf8(bytes).map_err(|error| invalid(path, error.utf8_error()))
}

fn invalid(path: &Path, error: impl std::fmt::Display) -> CommandError {
    let told = format!("use {}: {error}", path.display());
    CommandError::Invalid { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_is_the_newest_and_ids_do_not_collide() {
        let scratch = tempfile::tempdir().unwrap();
        let campaigns = scratch.path().join("campaigns");
        let first = CampaignFolder::create(&campaigns).unwrap();
        let second = CampaignFolder::create(&campaigns).unwrap();
        assert_ne!(first.id, second.id);
        let latest = fs::read_link(campaigns.join(LATEST)).unwrap();
        assert_eq!(latest, Path::new(&second.id));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let error = CampaignFolder::create(Path::new("/proc/nowhere")).unwrap_err();
        assert_eq!(error.exit_code(), crate::ExitCode::Environment);
        assert!(
            error.to_string().starts_with("write /proc/nowhere: "),
            "{error}"
        );
    }
}

//! The fresh place that every case gives its target: home, workspace, ledger, scratch. Gone when it is dropped.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::case_log::CaseLog;
use crate::error::RunError;

/// The files that `list` and `read` find, the same in every case.
const WORKSPACE: [(&str, &str); 2] = [("src/a.txt", "alpha\n"), ("src/b.txt", "beta\n")];

/// Most files that are searched for the key, and most bytes of each.
const SEARCH_FILES_MAX: usize = 5_000;
const SEARCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A target's surroundings on disk.
#[derive(Debug)]
pub(crate) struct Home {
    case: TempDir,
    /// `HOME` of the target.
    pub(crate) home: PathBuf,
    /// The folder that its tools see.
    pub(crate) workspace: PathBuf,
    /// The file that the `effect` tool appends to.
    pub(crate) ledger: PathBuf,
    /// `TMPDIR` of the target.
    pub(crate) scratch: PathBuf,
    /// Files written for the target that hold a key because they must.
    pub(crate) given: BTreeSet<PathBuf>,
}

impl Home {
    /// Makes the folders and files, below `scratch` or wherever this system keeps temporary files.
    pub(crate) fn make(scratch: Option<&Path>) -> Result<Self, RunError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("bo-");
        let case = match scratch {
            Some(folder) => builder.tempdir_in(folder),
            None => builder.tempdir(),
        }
        .map_err(|source| failed("a temporary folder", source))?;
        let home = case.path().join("home");
        let made = Self {
            workspace: home.join("workspace"),
            ledger: home.join("effects.log"),
            scratch: home.join("tmp"),
            home,
            given: BTreeSet::new(),
            case,
        };
        fs::create_dir_all(&made.scratch).map_err(|source| failed("tmp", source))?;
        for (name, content) in WORKSPACE {
            write(&made.workspace.join(name), name, content)?;
        }
        Ok(made)
    }

    /// Writes a file that the target file asks for, below the home.
    pub(crate) fn give(&mut self, name: &str, content: &str) -> Result<(), RunError> {
        let path = self.home.join(name);
        write(&path, name, content)?;
        self.given.insert(path);
        Ok(())
    }

    /// A path beside the home, for what is ours: sockets, lifecycle logs.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.case.path().join(name)
    }

    /// A path that occurs nowhere else on this machine; marks the processes of this case.
    pub(crate) fn mark(&self) -> String {
        self.case.path().to_string_lossy().into_owned()
    }

    /// The names that stand for these paths in a journal.
    pub(crate) fn name_in(&self, log: &CaseLog) {
        let names = [
            (&self.workspace, "{workspace}"),
            (&self.ledger, "{ledger}"),
            (&self.home, "{home}"),
        ];
        for (path, alias) in names {
            log.aliases.add(path.to_string_lossy(), alias);
        }
        log.aliases
            .add(self.case.path().to_string_lossy(), "{case}");
    }

    /// The lines of the ledger; none if the `effect` tool never ran.
    pub(crate) fn effects(&self) -> Vec<String> {
        let text = fs::read(&self.ledger).unwrap_or_default();
        String::from_utf8_lossy(&text)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Searches every file that the target wrote for the keys. Answers how many could not be searched to their end.
    pub(crate) fn search(&self, log: &CaseLog) -> u64 {
        let mut files = Vec::new();
        let mut folders = vec![self.home.clone()];
        while let Some(folder) = folders.pop() {
            let (inner, found): (Vec<_>, Vec<_>) = sorted(&folder)
                .into_iter()
                .partition(|(_, is_folder)| *is_folder);
            folders.extend(inner.into_iter().map(|(path, _)| path));
            files.extend(found.into_iter().map(|(path, _)| path));
        }
        files.retain(|path| !self.given.contains(path));
        let searched = files.iter().take(SEARCH_FILES_MAX);
        let whole = searched.filter(|path| search_file(path, log)).count();
        (files.len() - whole) as u64
    }
}

/// What is in a folder, by name, so that finds come in the same order everywhere. Links are not followed.
fn sorted(folder: &Path) -> Vec<(PathBuf, bool)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            (kind.is_dir() || kind.is_file()).then(|| (entry.path(), kind.is_dir()))
        })
        .collect();
    found.sort();
    found
}

/// Whether the file was searched to its end. One that has gone meanwhile holds nothing.
fn search_file(path: &Path, log: &CaseLog) -> bool {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = fs::File::open(path)
        .and_then(|file| file.take(SEARCH_BYTES_MAX as u64).read_to_end(&mut bytes));
    match read {
        Ok(_) => {
            let place = log.aliases.apply(&path.to_string_lossy());
            log.searched(None, &place, &bytes);
            bytes.len() < SEARCH_BYTES_MAX
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn write(path: &Path, name: &str, content: &str) -> Result<(), RunError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| failed(name, source))?;
    }
    fs::write(path, content).map_err(|source| failed(name, source))
}

fn failed(what: &str, source: io::Error) -> RunError {
    let what = what.to_owned();
    RunError::Home { what, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RunErrorKind;
    use journal::Fact;

    #[tokio::test(start_paused = true)]
    async fn a_key_in_a_file_is_found_unless_we_put_it_there() {
        let log = CaseLog::begin(1);
        let mut home = Home::make(None).unwrap();
        home.name_in(&log);
        let key = log.provider_key().key.clone();
        home.give("config.yaml", &key).unwrap();
        fs::create_dir(home.home.join("logs")).unwrap();
        fs::write(home.home.join("logs/a.log"), format!("key={key}")).unwrap();
        assert_eq!(home.search(&log), 0);
        let found: Vec<_> = log
            .journal()
            .records
            .into_iter()
            .map(|record| record.fact)
            .collect();
        let place = "{home}/logs/a.log".to_owned();
        let form = "raw".to_owned();
        assert_eq!(found, [Fact::CanaryFound { place, form }]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_too_large_is_counted_as_not_searched() {
        let log = CaseLog::begin(1);
        let home = Home::make(None).unwrap();
        let large = fs::File::create(home.home.join("dump")).unwrap();
        large.set_len(SEARCH_BYTES_MAX as u64 + 1).unwrap();
        assert_eq!(home.search(&log), 1);
    }

    #[test]
    fn everything_is_gone_afterwards() {
        let home = Home::make(None).unwrap();
        let path = home.home.clone();
        assert!(path.join("workspace/src/b.txt").exists());
        assert_eq!(home.effects(), Vec::<String>::new());
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_the_machines_fault() {
        let error = Home::make(Some(Path::new("/proc/nowhere"))).unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Machine);
        assert!(
            error.to_string().starts_with("write the target's home"),
            "{error}"
        );
    }
}

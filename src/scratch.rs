//! Where the folders of cases are made. Knows no case.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use runner::Target;
use tempfile::TempDir;

use crate::failure::CommandError;

/// Where this machine keeps files in memory, if it does.
const IN_MEMORY: &str = "/dev/shm";

/// What the folder of a campaign's cases is called, before what makes it the only one.
const PREFIX: &str = "brownout-";

/// Makes the folder below which every case of a campaign has its own. It is gone when it is dropped.
///
/// # Errors
///
/// The machine refuses: a full disk, a `TMPDIR` that does not exist.
pub(crate) fn make(
    target: &Target,
    environment: &BTreeMap<String, String>,
) -> Result<TempDir, CommandError> {
    let place = place(target, environment).unwrap_or_else(std::env::temp_dir);
    if matches!(target, Target::Embedded(_)) {
        has_room_for_sockets(&place)?;
    }
    let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place);
    made.map_err(|error| CommandError::write(&place, error))
}

/// An embedded case talks over sockets beside its home, whose whole paths the kernel keeps in 108 bytes. Source: unix(7).
fn has_room_for_sockets(place: &Path) -> Result<(), CommandError> {
    // As in `brownout-abcdef/bo-abcdef/p.sock`, with a slash before and a zero behind it.
    const MOST: usize = 108 - PREFIX.len() - 6 - "/bo-abcdef/p.sock".len() - 2;
    let length = place.as_os_str().len();
    if length <= MOST {
        return Ok(());
    }
    Err(CommandError::Environment(format!(
        "use {} for temporary files: its path has {length} bytes, and sockets in it leave room for {MOST}; set `TMPDIR` to a shorter one",
        place.display()
    )))
}

/// Where the folders of this target's cases are made; nothing for where this machine has its temporary files.
///
/// An embedded case lasts milliseconds and leaves a dozen small files and folders, all of them gone at its end. On a disk that is a
/// third of its time, and several times that on a busy one. A started target gets a disk, as it would have: it may write more than
/// memory holds, or execute what it has written. Whoever sets `TMPDIR` has decided already.
fn place(target: &Target, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let embedded = matches!(target, Target::Embedded(_));
    let wanted = embedded && !environment.contains_key("TMPDIR");
    wanted.then(|| usable(Path::new(IN_MEMORY))).flatten()
}

/// The folder, if a folder can be made in it.
fn usable(folder: &Path) -> Option<PathBuf> {
    let probe = folder.join(format!("bo-probe-{}", std::process::id()));
    fs::create_dir(&probe)
        .and_then(|()| fs::remove_dir(&probe))
        .ok()?;
    Some(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::embedded::Embedded;

    #[test]
    fn whoever_sets_a_folder_for_temporary_files_gets_it() {
        let target = Target::Embedded(Arc::new(Embedded::reference()));
        let set = BTreeMap::from([("TMPDIR".to_owned(), "/elsewhere".to_owned())]);
        assert_eq!(place(&target, &set), None);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_not_used() {
        let scratch = tempfile::tempdir().unwrap();
        assert_eq!(usable(scratch.path()).as_deref(), Some(scratch.path()));
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        assert_eq!(usable(Path::new("/proc")), None);
    }

    #[test]
    fn a_folder_is_refused_exactly_where_sockets_in_it_would_be() {
        let scratch = tempfile::tempdir().unwrap();
        let bound = |length: usize| {
            let place = format!("{}/{}", scratch.path().display(), "x".repeat(200));
            let place = Path::new(&place[..length]);
            let case = place.join(format!("{PREFIX}abcdef/bo-abcdef"));
            fs::create_dir_all(&case).unwrap();
            let binds = std::os::unix::net::UnixListener::bind(case.join("p.sock")).is_ok();
            (binds, has_room_for_sockets(place).is_ok())
        };
        let answers: Vec<_> = (60..90).map(bound).collect();
        assert!(answers.contains(&(true, true)) && answers.contains(&(false, false)));
        assert!(
            answers.iter().all(|(binds, said)| binds == said),
            "{answers:?}"
        );
    }
}

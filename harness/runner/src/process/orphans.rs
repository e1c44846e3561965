//! Processes that left their case altogether: its group, its descent and its mark. They become ours when their parents end, so that at
//! the end of a campaign nothing of a target is left. Which case they are of can no longer be told.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use rustix::process::{getpid, set_child_subreaper};

use super::tree::{Stat, descendants, kill_until_none, living};

/// From here on whoever loses its parent, and descends from this process, becomes a child of it.
///
/// # Errors
///
/// The machine refuses.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Kills every living process that descends from this one, those with the ids in `spared` and theirs excepted. Answers what they are
/// called. For the end of a campaign, when nothing should be left.
pub fn kill_adopted(spared: &[u32]) -> Vec<String> {
    let own = getpid().as_raw_nonzero().get();
    let adopted = || {
        let all = living();
        let is_spared =
            |stat: &&Stat| u32::try_from(stat.pid).is_ok_and(|pid| spared.contains(&pid));
        // Who was killed with its case and is not gone yet never left it.
        let children = all.iter().filter(|stat| stat.parent == own);
        let first: BTreeSet<i32> = children
            .filter(|stat| !stat.is_ending && !is_spared(stat))
            .map(|stat| stat.pid)
            .collect();
        descendants(first, &all)
    };
    let names = adopted().into_iter().map(name).collect();
    kill_until_none(adopted);
    names
}

fn name(pid: i32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    format!("{} ({pid})", name.trim_end())
}

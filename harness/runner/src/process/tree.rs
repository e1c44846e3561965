//! Every process that a target has started, found through `/proc`: by group, by descent, and by a mark in the environment
//! that also those carry who left both. Knows how to kill them; not when.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

/// The variable that marks every process of a case. Its value is the folder of the case, so that all cases of a campaign have
/// the beginning of it in common.
pub const MARK: &str = "BROWNOUT_CASE";

/// Rounds of killing: a process that forks while it is killed leaves children for the next round, and one that was killed needs
/// the processor once more to be gone. Nearly always one or two do; the bound is for what not even a kill ends.
const KILL_ROUNDS: usize = 1_000;

/// The processes of one case. Kills what is left of them when it is dropped.
#[derive(Debug)]
pub(crate) struct ProcessTree {
    mark: Vec<u8>,
    groups: Mutex<BTreeSet<i32>>,
}

/// A line of `/proc/<pid>/stat`, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: i32,
    state: char,
    pub(super) parent: i32,
    group: i32,
    /// Whether it is about to be gone, as after a kill.
    pub(super) is_ending: bool,
}

/// `PF_EXITING` of the kernel's `linux/sched.h`.
const ENDING: u64 = 4;

impl ProcessTree {
    /// The tree of the case with this mark; nothing is in it yet.
    pub(crate) fn new(mark: &str) -> Self {
        let mark = format!("{MARK}={mark}").into_bytes();
        let groups = Mutex::default();
        Self { mark, groups }
    }

    /// A process that was started as the leader of a group of its own.
    pub(crate) fn add_group(&self, leader: i32) {
        self.groups
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(leader);
    }

    /// Every living process of the tree, by id. What has ended and only waits to be reaped is not alive.
    pub(crate) fn alive(&self) -> Vec<i32> {
        let groups = self
            .groups
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if groups.is_empty() {
            return Vec::new();
        }
        members(&self.mark, &groups)
    }

    /// Kills everything that is alive. Answers how many there were.
    pub(crate) fn kill(&self) -> usize {
        kill_until_none(|| self.alive())
    }
}

/// Kills every process of every case whose folder lies below `folder`, whoever started it. Answers how many there were. For when the
/// runner itself was killed, and took nothing down.
pub fn kill_cases_below(folder: &Path) -> usize {
    let mark = format!("{MARK}={}/", folder.display()).into_bytes();
    kill_until_none(|| members(&mark, &BTreeSet::new()))
}

/// Those of these groups, those with a mark that begins like this, and all who descend from them.
fn members(mark: &[u8], groups: &BTreeSet<i32>) -> Vec<i32> {
    let all = living();
    let ours: BTreeSet<i32> = all
        .iter()
        .filter(|stat| groups.contains(&stat.group) || is_marked(stat.pid, mark))
        .map(|stat| stat.pid)
        .collect();
    descendants(ours, &all)
}

/// These processes, and all who descend from them.
pub(super) fn descendants(mut ours: BTreeSet<i32>, all: &[Stat]) -> Vec<i32> {
    let mut known = 0;
    while known < ours.len() {
        known = ours.len();
        let children: Vec<_> = all
            .iter()
            .filter(|stat| ours.contains(&stat.parent))
            .map(|stat| stat.pid)
            .collect();
        ours.extend(children);
    }
    ours.into_iter().collect()
}

fn is_marked(pid: i32, mark: &[u8]) -> bool {
    // Unreadable where the process is not ours, and empty once it is gone.
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|variable| variable.starts_with(mark))
}

pub(super) fn kill_until_none(alive: impl Fn() -> Vec<i32>) -> usize {
    let first = alive();
    let mut left = first.clone();
    for _ in 0..KILL_ROUNDS {
        if left.is_empty() {
            break;
        }
        left.iter().for_each(|pid| signal(*pid, Signal::KILL));
        std::thread::yield_now();
        left = alive();
    }
    first.len()
}

impl Drop for ProcessTree {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal. A process that is already gone is no failure.
pub(crate) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

pub(super) fn living() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .filter_map(|line| stat(&line))
        .filter(|stat| !matches!(stat.state, 'Z' | 'X'))
        .collect()
}

/// Whether a process is about to be gone: its connections may be closed before it can be waited for.
pub(super) fn is_ending(pid: i32) -> bool {
    let read = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    read.ok()
        .and_then(|line| stat(&line))
        .is_some_and(|stat| stat.is_ending)
}

/// Source: proc_pid_stat(5). The name stands in parentheses and may hold anything, parentheses included.
fn stat(line: &str) -> Option<Stat> {
    let (pid, rest) = line.split_once(" (")?;
    let (_, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some(Stat {
        pid: pid.parse().ok()?,
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
        // Session, terminal and its foreground group lie between.
        is_ending: fields.nth(3)?.parse::<u64>().ok()? & ENDING != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let expected = Stat {
            pid: 12,
            state: 'S',
            parent: 1,
            group: 7,
            is_ending: true,
        };
        assert_eq!(
            stat("12 (a) R 9 (b) S 1 7 7 0 -1 4194308 0"),
            Some(expected)
        );
        assert_eq!(stat("nonsense"), None);
    }

    #[test]
    fn an_empty_tree_looks_at_nothing_and_kills_nothing() {
        assert_eq!(ProcessTree::new("none").kill(), 0);
    }
}

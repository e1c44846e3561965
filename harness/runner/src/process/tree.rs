//! Every process that a target has started, found through `/proc`: by group, by descent, and by a mark in the environment
//! that also those carry who left both. Knows how to kill them; not when.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

/// The variable that marks every process of a case.
pub(crate) const MARK: &str = "BROWNOUT_CASE";

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
struct Stat {
    pid: i32,
    state: char,
    parent: i32,
    group: i32,
}

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
        let all = living();
        let mut ours: BTreeSet<i32> = all
            .iter()
            .filter(|stat| groups.contains(&stat.group) || self.is_marked(stat.pid))
            .map(|stat| stat.pid)
            .collect();
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

    /// Kills everything that is alive. Answers how many there were.
    pub(crate) fn kill(&self) -> usize {
        let first = self.alive();
        let mut left = first.clone();
        for _ in 0..KILL_ROUNDS {
            if left.is_empty() {
                break;
            }
            left.iter().for_each(|pid| signal(*pid, Signal::KILL));
            std::thread::yield_now();
            left = self.alive();
        }
        first.len()
    }

    fn is_marked(&self, pid: i32) -> bool {
        // Unreadable where the process is not ours, and empty once it is gone.
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == self.mark)
    }
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

fn living() -> Vec<Stat> {
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
        };
        assert_eq!(stat("12 (a) R 9 (b) S 1 7 7 0 -1"), Some(expected));
        assert_eq!(stat("nonsense"), None);
    }

    #[test]
    fn an_empty_tree_looks_at_nothing_and_kills_nothing() {
        assert_eq!(ProcessTree::new("none").kill(), 0);
    }
}

//! A server's process and all that it started: what it has used, as the operating system tells it.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that runs. Dropping it kills it and what it started.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
}

impl Server {
    /// Starts it, quietly.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// CPU time of every thread that is alive, in the kernel and outside. From `schedstat`, which counts in nanoseconds.
    pub(crate) fn cpu(&self) -> Duration {
        let processes = tree(self.child.id());
        Duration::from_nanos(processes.into_iter().map(cpu).sum())
    }

    /// Memory that is its own or shared in part, in bytes: what ending it would give back (`Pss`).
    pub(crate) fn memory(&self) -> u64 {
        tree(self.child.id()).into_iter().map(memory).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in tree(self.child.id()) {
            let process = nix::unistd::Pid::from_raw(process.cast_signed());
            // Whoever has ended by itself needs no killing.
            let _ = nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// The process and its descendants.
fn tree(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        let tasks = fs::read_dir(format!("/proc/{process}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
        next += 1;
    }
    found
}

fn cpu(process: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let times = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let schedstat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        schedstat.split(' ').next()?.parse::<u64>().ok()
    });
    times.sum()
}

fn memory(process: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let mut lines = rollup.lines();
    let pss = lines.find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = pss.and_then(|pss| pss.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

//! A network of one's own: only loopback, so that a target can reach the fake provider and nothing else.
//!
//! Has to be entered before there is a second thread, since the kernel moves threads and not processes.

mod loopback;

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid};

/// The machine refused it; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
#[error("isolate the target from the network, {what}: {source}")]
pub struct IsolationError {
    what: &'static str,
    source: io::Error,
}

/// Moves this process into a network namespace of its own, with loopback up.
///
/// Without the right to do so it first becomes its own user namespace's root, which most systems allow to everybody.
///
/// # Errors
///
/// The machine refuses, or this process has a second thread already.
pub fn enter() -> Result<(), IsolationError> {
    let (user, group) = (Uid::effective(), Gid::effective());
    if unshare(CloneFlags::CLONE_NEWNET).is_err() {
        let flags = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET;
        unshare(flags).map_err(|error| failed("a namespace of its own", error.into()))?;
        keep_identity(user, group).map_err(|error| failed("keeping who runs it", error))?;
    }
    loopback::up().map_err(|error| failed("switching loopback on", error))
}

/// Maps the one user and group that we are to themselves, so that files keep their owners.
fn keep_identity(user: Uid, group: Gid) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

const fn failed(what: &'static str, source: io::Error) -> IsolationError {
    IsolationError { what, source }
}

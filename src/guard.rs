//! A process beside this one that outlives it: whatever ends us, `kill -9` included, no process of a target lives on and no folder of
//! a case stays behind. Knows no case.
//!
//! It reads from a pipe whose other end only we have, so its end is ours. A signal at the death of the parent would be simpler, but
//! it reaches only children, and targets have children of their own.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The subcommand that does the guarding. Nobody but ourselves calls it.
pub(crate) const SUBCOMMAND: &str = "guard";

/// The guard of one campaign, as long as the campaign lives.
#[derive(Debug)]
pub(crate) struct Guard(Child);

impl Guard {
    /// Posts a guard over the cases whose folders lie below `folder`.
    ///
    /// # Errors
    ///
    /// The machine refuses a process.
    pub(crate) fn post(folder: &Path) -> io::Result<Self> {
        // By this path we are found even if our file was replaced meanwhile, by a build for instance.
        let mut command = Command::new("/proc/self/exe");
        let guard = command
            .arg(SUBCOMMAND)
            .arg(folder)
            .current_dir("/")
            // A ctrl-C at the terminal is for us; the guard has to stay.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        guard.spawn().map(Self)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It has nothing more to do; that it is gone is all that can be asked of it.
        let _ = self.0.wait();
    }
}

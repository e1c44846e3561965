//! One process of a target: started in a group of its own with a clean environment, watched, and stopped for good.

pub(crate) mod gauges;
pub(crate) mod holdings;
pub(crate) mod orphans;
pub(crate) mod output;
pub(crate) mod tree;

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use journal::Fact;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::case_log::CaseLog;
use crate::error::RunError;
use crate::process::output::Output;
use crate::process::tree::{ProcessTree, is_ending, signal};

/// How long the output of a process that has ended may still come: a descendant may hold the pipe for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is to be started.
#[derive(Debug, Clone)]
pub(crate) struct Launch<'a> {
    /// The program and its arguments.
    pub(crate) command: &'a [String],
    /// Its whole environment.
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// Where it works.
    pub(crate) folder: &'a Path,
    /// The run that it serves alone, if it does.
    pub(crate) run: Option<u32>,
}

/// A process. Its watcher tells how it ended; what is left of it in the end is killed with its tree.
pub(crate) struct Process {
    /// Its id, which is also that of its group.
    pub(crate) pid: i32,
    /// What it wrote.
    pub(crate) output: Arc<Output>,
    exit: watch::Receiver<Option<ExitStatus>>,
    asked: Arc<AtomicBool>,
}

/// The pipes of a process whose output somebody else reads.
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

impl Process {
    /// Starts a process whose output is read and recorded, and which is given no input.
    pub(crate) fn start(
        launch: &Launch<'_>,
        log: &Arc<CaseLog>,
        tree: &ProcessTree,
    ) -> Result<Self, RunError> {
        let mut child = spawn(launch, Stdio::null())?;
        let output = Output::new(log.clone(), launch.run);
        let reading = TaskTracker::new();
        if let Some(stdout) = child.stdout.take() {
            reading.spawn(output.clone().read("stdout", stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            reading.spawn(output.clone().read("stderr", stderr));
        }
        reading.close();
        Ok(Self::watch(child, output, reading, (launch.run, log, tree)))
    }

    /// Starts a process with pipes on all sides. Whoever reads them has a token of `reading` until the end of the output.
    pub(crate) fn start_with_pipes(
        launch: &Launch<'_>,
        log: &Arc<CaseLog>,
        tree: &ProcessTree,
        reading: &TaskTracker,
    ) -> Result<(Self, Pipes), RunError> {
        let mut child = spawn(launch, Stdio::piped())?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = streams else {
            return Err(RunError::Machine {
                what: "the pipes of the target",
                message: "they are missing".to_owned(),
            });
        };
        let output = Output::new(log.clone(), launch.run);
        let reading = reading.clone();
        let process = Self::watch(child, output, reading, (launch.run, log, tree));
        let pipes = Pipes {
            stdin,
            stdout,
            stderr,
        };
        Ok((process, pipes))
    }

    fn watch(
        mut child: Child,
        output: Arc<Output>,
        reading: TaskTracker,
        (run, log, tree): (Option<u32>, &Arc<CaseLog>, &ProcessTree),
    ) -> Self {
        // A child that was not waited for yet has an id.
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .unwrap_or(0);
        tree.add_group(pid);
        log.runner_about(run, Fact::ProcessStarted);
        let (exited, exit) = watch::channel(None);
        let asked = Arc::new(AtomicBool::new(false));
        let (log, was_asked) = (log.clone(), asked.clone());
        tokio::spawn(async move {
            let status = child.wait().await;
            // Before its last words are waited for: who is asked meanwhile had ended by itself.
            let asked = was_asked.load(Ordering::SeqCst);
            let _ = tokio::time::timeout(LAST_WORDS, reading.wait()).await;
            let status = status.unwrap_or_else(|_| ExitStatus::from_raw(-1));
            log.runner_about(run, exited_fact(run, status, asked));
            exited.send_replace(Some(status));
        });
        Self {
            pid,
            output,
            exit,
            asked,
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it has ended and everything it wrote was read.
    pub(crate) async fn end(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        // The watcher cannot go away before it has told.
        ended.map_or_else(
            |_| ExitStatus::from_raw(-1),
            |status| status.unwrap_or_default(),
        )
    }

    /// Whatever ends it from here on was asked for; what has ended it already was not, although nobody may have noticed yet.
    pub(crate) fn expect_end(&self) {
        if is_running(self.pid) {
            self.asked.store(true, Ordering::SeqCst);
        }
    }

    /// Sends a signal, unless it has ended.
    pub(crate) fn signal(&self, which: Signal) {
        if self.ended().is_none() {
            signal(self.pid, which);
        }
    }

    /// Asks it to end and waits, at most `within`. Answers whether it did.
    pub(crate) async fn stop(&self, within: Duration) -> bool {
        self.expect_end();
        self.signal(Signal::TERM);
        tokio::time::timeout(within, self.end()).await.is_ok()
    }
}

/// Whether a child of ours has not ended and is not about to. One that has is left to its watcher.
fn is_running(pid: i32) -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let child = Pid::from_raw(pid).map(WaitId::Pid);
    child.is_some_and(|child| matches!(waitid(child, look), Ok(None))) && !is_ending(pid)
}

fn spawn(launch: &Launch<'_>, stdin: Stdio) -> Result<Child, RunError> {
    let (program, arguments) = launch.command.split_first().ok_or_else(|| {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "the command is empty");
        not_found("", source)
    })?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(launch.environment)
        .current_dir(launch.folder)
        .process_group(0)
        .kill_on_drop(true)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| not_found(program, source))
}

fn not_found(program: &str, source: io::Error) -> RunError {
    use rustix::io::Errno;
    // What nobody's target is to blame for.
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM];
    if exhausted
        .map(Errno::raw_os_error)
        .map(Some)
        .contains(&source.raw_os_error())
    {
        return RunError::Machine {
            what: "a process of the target",
            message: source.to_string(),
        };
    }
    let command = program.to_owned();
    RunError::CommandNotFound { command, source }
}

/// A process of one turn is over with its turn; one that serves the case ends only when it is asked to.
fn exited_fact(run: Option<u32>, status: ExitStatus, asked: bool) -> Fact {
    let by_itself = run.is_some() && status.signal().is_none();
    Fact::ProcessExited {
        code: status.code(),
        signal: status.signal(),
        expected: asked || by_itself,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RunErrorKind;

    #[test]
    fn a_machine_without_room_is_no_fault_of_the_target() {
        let kind = |number| not_found("agent", io::Error::from_raw_os_error(number)).kind();
        // Source: errno(3): too many open files, no such file, permission denied.
        assert_eq!(kind(24), RunErrorKind::Machine);
        assert_eq!([kind(2), kind(13)], [RunErrorKind::Target; 2]);
    }
}

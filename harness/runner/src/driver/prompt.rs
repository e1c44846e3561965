//! A person at an interactive prompt: waits until it shows, writes a line, reads until it shows again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use journal::{Fact, Terminal};
use scenario::PlannedRun;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::until_ready;
use crate::error::RunError;
use crate::process::output::{Lines, Output};
use crate::process::{Pipes, Process};
use crate::started::Premises;

/// A prompt that was started.
pub(crate) struct Prompt {
    pub(super) process: Process,
    premises: Arc<Premises>,
    stdin: Option<ChildStdin>,
    desk: Arc<Desk>,
}

/// Where the reader of the output and whoever types meet.
struct Desk {
    premises: Arc<Premises>,
    turn: Mutex<Option<Turn>>,
    /// Whether the prompt shows and nothing was typed since.
    free: watch::Sender<bool>,
}

/// What has come of the turn that was typed.
struct Turn {
    run: u32,
    answer: Vec<String>,
    error: Option<String>,
}

impl Prompt {
    /// Starts the process; its prompt shows when this returns.
    pub(super) async fn start(premises: Arc<Premises>) -> Result<Self, RunError> {
        let command = premises.command(None)?;
        let launch = premises.launch(&command, None);
        let reading = TaskTracker::new();
        let (process, pipes) =
            Process::start_with_pipes(&launch, &premises.log, &premises.tree, &reading)?;
        premises.gauges.add(process.pid);
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = pipes;
        let desk = Arc::new(Desk {
            premises: premises.clone(),
            turn: Mutex::default(),
            free: watch::channel(false).0,
        });
        reading.spawn(desk.clone().read(process.output.clone(), stdout, stderr));
        reading.close();
        let mut free = desk.free.subscribe();
        let shown = async move {
            // Whoever holds the sender is the desk, which outlives this.
            let _ = free.wait_for(|free| *free).await;
        };
        let missing = || format!("it never showed `{}`", premises.file.prompt);
        until_ready(&premises, &process, (shown, missing)).await?;
        let stdin = Some(stdin);
        Ok(Self {
            process,
            premises,
            stdin,
            desk,
        })
    }

    /// Types a line, once the prompt shows.
    pub(super) async fn say(&mut self, planned: &PlannedRun, within: Duration) {
        let run = planned.run;
        let log = &self.premises.log;
        let mut free = self.desk.free.subscribe();
        let shows = async { free.wait_for(|free| *free).await.is_ok() };
        let shows = tokio::select! {
            biased;
            _ = self.process.end() => false,
            shows = tokio::time::timeout(within, shows) => shows.unwrap_or(false),
        };
        if !shows {
            log.client(run, refused("the prompt does not show"));
            return;
        }
        self.premises.intake.assume(Some(run));
        self.process.output.serve(Some(run));
        self.desk.begin(run);
        // A line is what a prompt takes; what the user says has to fit into one.
        let line = format!("{}\n", planned.text.replace(['\r', '\n'], " "));
        let typed = match &mut self.stdin {
            Some(stdin) => stdin.write_all(line.as_bytes()).await.is_ok(),
            None => false,
        };
        if typed {
            log.client(run, Fact::RunAccepted);
        } else {
            log.client(run, refused("the prompt takes no more lines"));
        }
    }

    /// Ends the input, as ctrl-D does; then asks like for any other process.
    pub(super) async fn shut_down(&mut self, within: Duration) {
        self.premises.log.runner(Fact::ShutdownRequested);
        self.process.expect_end();
        self.stdin = None;
        let patience = within / 2;
        if tokio::time::timeout(patience, self.process.end())
            .await
            .is_err()
        {
            // Whoever does not obey is counted, and killed later.
            self.process.stop(patience).await;
        }
    }
}

impl Desk {
    async fn read(self: Arc<Self>, output: Arc<Output>, stdout: ChildStdout, stderr: ChildStderr) {
        let (mut stdout, mut stderr) = (Some(stdout), Some(stderr));
        let (mut answers, mut complaints) = (Lines::default(), Lines::default());
        let (mut one, mut other) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        while stdout.is_some() || stderr.is_some() {
            // Complaints first: a prompt that shows ends the turn that they belong to.
            tokio::select! {
                biased;
                count = read_some(&mut stderr, &mut other) => {
                    for line in complaints.push(&other[..count]) {
                        self.line(&output, "stderr", &line);
                    }
                }
                count = read_some(&mut stdout, &mut one) => {
                    for line in answers.push(&one[..count]) {
                        self.line(&output, "stdout", &line);
                    }
                    self.look_for_prompt(&output, &mut answers);
                }
            }
        }
        for (stream, rest) in [("stdout", answers.rest()), ("stderr", complaints.rest())] {
            if let Some(line) = rest {
                self.line(&output, stream, &line);
            }
        }
    }

    fn begin(&self, run: u32) {
        self.free.send_replace(false);
        let answer = Vec::new();
        let error = None;
        *self.turn() = Some(Turn { run, answer, error });
    }

    fn line(&self, output: &Output, stream: &'static str, line: &str) {
        output.line(stream, line);
        let mut turn = self.turn();
        let Some(turn) = turn.as_mut() else {
            return;
        };
        let failed = self.premises.file.prompt_failed.as_deref();
        let error = failed.and_then(|mark| line.strip_prefix(mark));
        match error {
            Some(error) => turn.error = Some(error.to_owned()),
            None if stream == "stdout" => turn.answer.push(line.to_owned()),
            None => {}
        }
    }

    fn look_for_prompt(&self, output: &Output, answers: &mut Lines) {
        let prompt = self.premises.file.prompt.as_bytes();
        let Some(before) = answers.partial().strip_suffix(prompt).map(<[u8]>::len) else {
            return;
        };
        // What stands before the prompt on its line was not ended, and is a line all the same.
        let mut line = answers.rest().unwrap_or_default();
        line.truncate(line.floor_char_boundary(before));
        if !line.is_empty() {
            self.line(output, "stdout", &line);
        }
        let ended = self.turn().take();
        if let Some(turn) = ended {
            self.tell(turn);
        }
        self.premises.log.runner(Fact::PromptShown);
        output.serve(None);
        self.free.send_replace(true);
    }

    fn tell(&self, turn: Turn) {
        let log = &self.premises.log;
        let terminal = match turn.error {
            Some(_) => Terminal::Failed,
            None => Terminal::Completed,
        };
        let answer = log.aliases.apply(&turn.answer.join("\n"));
        let fact = Fact::Terminal {
            terminal,
            output: turn.error.is_none().then_some(answer),
            error: turn.error.map(|error| log.aliases.apply(&error)),
            usage: None,
            via: "prompt".to_owned(),
        };
        log.client(turn.run, fact);
    }

    fn turn(&self) -> MutexGuard<'_, Option<Turn>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what there is; a stream that has ended is never read again.
async fn read_some<S>(stream: &mut Option<S>, into: &mut [u8]) -> usize
where
    S: tokio::io::AsyncRead + Unpin,
{
    let Some(open) = stream else {
        return std::future::pending().await;
    };
    let count = open.read(into).await.unwrap_or(0);
    if count == 0 {
        *stream = None;
    }
    count
}

/// What is recorded of a turn that could not be given.
fn refused(message: impl Into<String>) -> Fact {
    let message = message.into();
    let status = None;
    Fact::RunRefused { status, message }
}

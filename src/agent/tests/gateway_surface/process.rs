//! The real binary as a real process, with nothing of the test's own environment.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

use crate::world::PROVIDER_KEY;

const PATIENCE: Duration = Duration::from_secs(30);

/// A home directory and what to start in it.
pub(crate) struct Program {
    pub(crate) home: TempDir,
    command: Command,
}

/// A process that runs.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: String,
    home: TempDir,
}

/// What a process has left behind.
#[derive(Debug)]
pub(crate) struct Remains {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
    /// Its home, which is there as long as this is.
    pub(crate) home: TempDir,
}

impl Program {
    pub(crate) fn new(base_url: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reference-agent"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(&home)
            .kill_on_drop(true);
        command
            .env("OPENAI_BASE_URL", base_url)
            .env("OPENAI_API_KEY", PROVIDER_KEY);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { home, command }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn start(mut self) -> Process {
        let mut child = self.command.spawn().unwrap();
        let input = child.stdin.take();
        Process {
            child,
            input,
            output: String::new(),
            home: self.home,
        }
    }

    /// Runs it to its end, with nothing on its standard input.
    pub(crate) async fn finish(self) -> Remains {
        let mut process = self.start();
        process.close_input();
        process.finish().await
    }
}

impl Process {
    /// Reads its standard output until it ends with `text`.
    pub(crate) async fn expect(&mut self, text: &str) {
        let output = self.child.stdout.as_mut().unwrap();
        let seen = &mut self.output;
        let read = async {
            while !seen.ends_with(text) {
                let mut byte = [0];
                assert_eq!(
                    output.read(&mut byte).await.unwrap(),
                    1,
                    "it ended after {seen:?}"
                );
                seen.push(char::from(byte[0]));
            }
        };
        let read = tokio::time::timeout(PATIENCE, read).await;
        assert!(read.is_ok(), "it said only {:?}", self.output);
    }

    /// What it has said so far, as far as it was expected.
    pub(crate) fn said(&self) -> &str {
        &self.output
    }

    pub(crate) async fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
        input.flush().await.unwrap();
    }

    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) async fn finish(mut self) -> Remains {
        let (output, errors) = (self.child.stdout.take(), self.child.stderr.take());
        let all = async { tokio::join!(self.child.wait(), rest(output), rest(errors)) };
        let (status, output, errors) = tokio::time::timeout(PATIENCE, all)
            .await
            .expect("it ends in time");
        let output = self.output + &output;
        let code = status.ok().as_ref().and_then(ExitStatus::code);
        Remains {
            code,
            output,
            errors,
            home: self.home,
        }
    }
}

async fn rest(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut text = String::new();
    stream.unwrap().read_to_string(&mut text).await.unwrap();
    text
}

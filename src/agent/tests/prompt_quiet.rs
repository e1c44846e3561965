//! A mistake in the background never reaches the person at the prompt: it goes to the lifecycle log.
//!
//! The test starts itself again as the agent, because the mistake has to be put behind the real command line.

#![expect(
    clippy::unwrap_used,
    reason = "what a test takes for granted and does not get is a failed test"
)]

use std::io::Write;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Arc;

use reference_agent::config::RetryBudget;
use reference_agent::failure::Failure;
use reference_agent::retry::{Decision, RetryPolicy};
use reference_agent::seams::Seams;

/// Set in the process that plays the agent.
const PLAYS_THE_AGENT: &str = "PROMPT_QUIET_PLAYS_THE_AGENT";

/// Fails when it is asked.
struct Panicking;

impl RetryPolicy for Panicking {
    fn decide(&self, _: &Failure, _: u32, _: &RetryBudget, _: f64) -> Decision {
        // On a thread of its own, where nothing could catch it, and then where the agent has to.
        let elsewhere =
            std::thread::spawn(|| panic!("a mistake elsewhere, which knows sk-canary-0123456789"));
        assert!(elsewhere.join().is_ok(), "a mistake in the turn");
        Decision::GiveUp
    }
}

/// A provider that nobody listens for: the first connection fails, and the policy is asked.
fn play_the_agent() -> ExitCode {
    let seams = Seams {
        retry: Arc::new(Panicking),
        ..Seams::default()
    };
    reference_agent::command::main_with(
        seams,
        ["reference-agent", "chat", "--lifecycle-log", "log"],
    )
}

fn start_again(home: &std::path::Path, typed: &str) -> Output {
    let mut agent = Command::new(std::env::current_exe().unwrap());
    agent.args([
        "--exact",
        "a_mistake_in_the_background_reaches_the_log_and_not_the_screen",
        "--nocapture",
    ]);
    agent
        .env_clear()
        .env(PLAYS_THE_AGENT, "1")
        .current_dir(home);
    agent.env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    agent.env("OPENAI_API_KEY", "sk-canary-0123456789");
    agent
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut agent = agent.spawn().unwrap();
    agent
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    agent.wait_with_output().unwrap()
}

#[test]
fn a_mistake_in_the_background_reaches_the_log_and_not_the_screen() {
    if std::env::var_os(PLAYS_THE_AGENT).is_some() {
        assert_eq!(play_the_agent(), ExitCode::SUCCESS);
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = start_again(home.path(), "hi\nagain\n/quit\n");
    let (screen, errors) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(status.success(), "{screen}{errors}");
    assert!(screen.contains("> > > "), "{screen}");
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(
        errors
            .lines()
            .all(|line| line.starts_with("error: failed to get an answer: ")),
        "{errors}"
    );
    assert!(
        !format!("{screen}{errors}").contains("mistake elsewhere"),
        "{screen}{errors}"
    );
    let log = std::fs::read_to_string(home.path().join("log")).unwrap();
    for told in ["a mistake elsewhere", "a mistake in the turn", "[redacted]"] {
        let facts = log
            .lines()
            .filter(|line| line.contains("background-failure") && line.contains(told));
        assert!(facts.count() >= 2, "{told}: {log}");
    }
    assert!(!log.contains("sk-canary"), "{log}");
}

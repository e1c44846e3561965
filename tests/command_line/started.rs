//! Targets that are started: those that do not start, their setup, isolation.

use std::fs;

use crate::desk::{Desk, HOLDS, Said};

/// An agent that tells which networks it sees.
const LOOKING: &str =
    "import os\nprint(' '.join(sorted(os.listdir('/proc/self/net/dev_snmp6'))))\n";

/// When a gateway is ready.
const READY: &str = "ready = { path = \"/health\", within = \"30s\" }";

pub(crate) fn target(adapter: &str, command: &str, more: &str) -> String {
    format!("format = 1\nname = \"mine\"\nadapter = \"{adapter}\"\ncommand = {command}\n{more}\n")
}

#[test]
fn a_target_that_is_not_there_is_answered_with_103() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write(
        "mine.toml",
        &target("gateway", "[\"no-such-program\", \"{port}\"]", READY),
    );
    let said = desk.brownout(&["run", "--target", "mine.toml", "--no-isolation"]);
    assert_eq!(said.code, Some(103), "{}{}", said.out, said.err);
    assert!(said.out.contains("no-such-program"), "{}", said.out);
}

#[test]
fn a_target_that_dies_at_start_or_never_becomes_ready_is_answered_with_103() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let hasty = READY.replace("30s", "300ms");
    for (program, ready, words) in [
        (
            "import sys; print('no such model {port}'); sys.exit(3)",
            READY,
            "no such model",
        ),
        (
            "import signal; print('{port}'); signal.pause()",
            hasty.as_str(),
            "was not ready within",
        ),
    ] {
        let command = format!("[\"python3\", \"-c\", \"{program}\"]");
        desk.write("mine.toml", &target("gateway", &command, ready));
        let said = desk.brownout(&["run", "--target", "mine.toml", "--no-isolation"]);
        assert_eq!(said.code, Some(103), "{}{}", said.out, said.err);
        assert!(said.out.contains(words), "{}", said.out);
    }
}

#[test]
fn a_setup_that_fails_is_told_and_one_that_was_done_is_not_repeated() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let run = ["run", "--target", "mine.toml", "--no-isolation"];
    let setup = "setup = [[\"python3\", \"-c\", \"print('no space'); exit(7)\"]]";
    desk.write(
        "mine.toml",
        &target("command", "[\"true\", \"{prompt}\"]", setup),
    );
    let said = desk.brownout(&run);
    assert_eq!(said.code, Some(103), "{}{}", said.out, said.err);
    assert!(
        said.err.contains("no space") && said.err.contains("exit status: 7"),
        "{}",
        said.err
    );
    let setup = "setup = [[\"mkdir\", \"made\"]]\nsetup_stamp = \"made\"";
    desk.write(
        "mine.toml",
        &target("command", "[\"true\", \"{prompt}\"]", setup),
    );
    let first: Said = desk.brownout(&run);
    assert!(first.err.contains("setup: mkdir made"), "{}", first.err);
    let second = desk.brownout(&run);
    assert!(!second.err.contains("setup"), "{}", second.err);
    assert_eq!(first.code, second.code, "{}", second.out);
}

#[test]
fn a_started_target_sees_loopback_alone_or_nothing_is_run() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("agent.py", LOOKING);
    let command = "[\"python3\", \"{target_dir}/agent.py\", \"{prompt}\"]";
    desk.write("mine.toml", &target("command", command, ""));
    let said = desk.brownout(&["run", "--target", "mine.toml"]);
    if said.code == Some(105) {
        assert!(said.err.contains("--no-isolation"), "{}", said.err);
        assert!(!desk.path("campaigns").exists());
        return;
    }
    let case = desk.path("campaigns/latest/a.openai-chat.streamed/journal.ndjson");
    let journal = fs::read_to_string(case).unwrap();
    assert!(journal.contains("\"output\":\"lo\""), "{journal}");
}

//! Targets that are started: those that do not start, isolation, and ctrl-C in the middle of it all.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::desk::{Desk, HOLDS, Said};

/// An agent that hangs forever, as a process with a child of its own.
const HANGING: &str = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import signal; signal.pause()', sys.argv[1]])\n";

/// An agent that tells which networks it sees.
const LOOKING: &str =
    "import os\nprint(' '.join(sorted(os.listdir('/proc/self/net/dev_snmp6'))))\n";

/// When a gateway is ready.
const READY: &str = "ready = { path = \"/health\", within = \"30s\" }";

fn target(adapter: &str, command: &str, more: &str) -> String {
    format!("format = 1\nname = \"mine\"\nadapter = \"{adapter}\"\ncommand = {command}\n{more}\n")
}

/// A scenario that asks the target something and never hears from the provider.
fn stalled() -> String {
    let fault = "fault = { at = \"before-headers\", action = \"stall\" }";
    HOLDS.replace("[[steps]]\nsay", &format!("{fault}\n\n[[steps]]\nsay"))
}

/// Reads lines until one contains `word`.
fn wait_for(child: &mut Child, word: &str) -> String {
    let mut lines = BufReader::new(child.stdout.as_mut().expect("it is piped")).lines();
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains(word)));
    line.unwrap_or_else(|| panic!("it ended without `{word}`"))
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

#[test]
fn ctrl_c_takes_everything_down_and_says_what_was_done() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("scenarios/b.toml", &stalled().replace("10s", "300s"));
    fs::create_dir(desk.path("tmp")).unwrap();
    let mut command = desk.command(&[
        "run",
        "--real-time",
        "--jobs",
        "1",
        "--streaming",
        "streamed",
    ]);
    let command = command.env("TMPDIR", desk.path("tmp"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&mut child, "PASS");
    kill(pid(&child), Signal::SIGINT).unwrap();
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(130), "{}", said.err);
    assert!(
        said.err.contains("interrupted: 1 of 2 cases"),
        "{}",
        said.err
    );
    let left: Vec<_> = fs::read_dir(desk.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn ctrl_c_leaves_no_process_of_a_target() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", &HOLDS.replace("10s", "300s"));
    desk.write("agent.py", HANGING);
    let mark = desk.path("mark").display().to_string();
    let program = "import os, sys; print('begun', flush=True); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])";
    let command = format!(
        "[\"python3\", \"-c\", \"{program}\", \"{{target_dir}}/agent.py\", \"{mark}\", \"{{prompt}}\"]"
    );
    desk.write("mine.toml", &target("command", &command, ""));
    let arguments = [
        "run",
        "--target",
        "mine.toml",
        "--no-isolation",
        "--jobs",
        "1",
    ];
    let mut child = desk
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The target's processes carry the mark; as soon as there are two of them it hangs as it should.
    while marked(&mark).len() < 2 {
        std::thread::yield_now();
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before its target hung"
        );
    }
    kill(pid(&child), Signal::SIGINT).unwrap();
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(130), "{}{}", said.out, said.err);
    assert_eq!(
        marked(&mark),
        [0_u32; 0],
        "processes of the target are left"
    );
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("pids are small"))
}

/// The processes that have `mark` among their arguments.
fn marked(mark: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("this is Linux").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let carries = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.contains(&mark.as_bytes())
    };
    pids.filter(carries).collect()
}

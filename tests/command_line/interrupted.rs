//! Interrupted and killed in the middle of it all: what is told, and that nothing of a target is left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::desk::{Desk, HOLDS, Said};
use crate::started::target;

/// An agent that hangs forever, as a process with a child of its own.
const HANGING: &str = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import signal; signal.pause()', sys.argv[1]])\n";

/// An agent that leaves a daemon behind which has nothing in common with it: no parent, no group, no environment.
const LEAVING: &str = "import subprocess, sys\ncode = 'import os, signal; os.setsid(); os.fork() and os._exit(0); signal.pause()'\nsubprocess.run([sys.executable, '-c', code, sys.argv[1]], env={}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\nprint('Hello.')\n";

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

/// A desk with a scenario that takes minutes, and a target whose processes carry the mark that comes with it.
fn hanging() -> (Desk, String) {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", &HOLDS.replace("10s", "300s"));
    desk.write("agent.py", HANGING);
    fs::create_dir(desk.path("tmp")).expect("a folder can be made");
    let mark = desk.path("mark").display().to_string();
    let command = format!("[\"python3\", \"{{target_dir}}/agent.py\", \"{mark}\", \"{{prompt}}\"]");
    desk.write("mine.toml", &target("command", &command, ""));
    (desk, mark)
}

/// Starts it, and waits until its target hangs as it should.
fn run_until_it_hangs(desk: &Desk, mark: &str) -> Child {
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
        .env("TMPDIR", desk.path("tmp"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was built for this test");
    while marked(mark).len() < 2 {
        std::thread::yield_now();
        assert!(
            child.try_wait().is_ok_and(|ended| ended.is_none()),
            "it ended before its target hung"
        );
    }
    child
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
        "--dialect=openai-chat",
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
    // Whoever judges it again is told that it is not everything.
    let again = desk.brownout(&["judge"]);
    let told = "this campaign ended after 1 of 2 cases";
    assert!(again.err.contains(told), "{}", again.err);
    fs::remove_file(desk.path("campaigns/latest/report.json")).unwrap();
    let again = desk.brownout(&["judge"]);
    let told = "this campaign may have been cut off";
    assert!(again.err.contains(told), "{}", again.err);
}

#[test]
fn whatever_asks_for_the_end_leaves_no_process_of_a_target() {
    for signals in [
        &[Signal::SIGINT][..],
        &[Signal::SIGHUP],
        // As `timeout` does, which signals the process and then its group.
        &[Signal::SIGTERM, Signal::SIGTERM],
    ] {
        let (desk, mark) = hanging();
        let child = run_until_it_hangs(&desk, &mark);
        for signal in signals {
            kill(pid(&child), *signal).unwrap();
        }
        let said = Said::from(child.wait_with_output().unwrap());
        assert_eq!(
            said.code,
            Some(130),
            "{signals:?}: {}{}",
            said.out,
            said.err
        );
        assert!(
            said.err.contains("interrupted: "),
            "{signals:?}: {}",
            said.err
        );
        assert_eq!(marked(&mark), [0_u32; 0], "{signals:?}: processes are left");
        assert_eq!(fs::read_dir(desk.path("tmp")).unwrap().count(), 0);
    }
}

#[test]
fn not_even_a_kill_leaves_a_process_of_a_target() {
    let (desk, mark) = hanging();
    let mut child = run_until_it_hangs(&desk, &mark);
    kill(pid(&child), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    wait_until(|| marked(&mark).is_empty(), "processes are left");
    let is_empty = || fs::read_dir(desk.path("tmp")).unwrap().next().is_none();
    wait_until(is_empty, "folders are left");
}

#[test]
fn what_leaves_its_case_altogether_is_found_in_the_end() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("agent.py", LEAVING);
    let mark = desk.path("mark").display().to_string();
    let command = format!("[\"python3\", \"{{target_dir}}/agent.py\", \"{mark}\", \"{{prompt}}\"]");
    desk.write("mine.toml", &target("command", &command, ""));
    let said = desk.brownout(&["run", "--target", "mine.toml", "--no-isolation"]);
    assert_eq!(
        marked(&mark),
        [0_u32; 0],
        "processes of the target are left"
    );
    assert!(said.err.contains("had left running"), "{}", said.err);
}

/// Looks again and again; for what happens soon, and by nobody who could tell.
fn wait_until(holds: impl Fn() -> bool, otherwise: &str) {
    const LOOKS: usize = 20_000;
    let held = (0..LOOKS).any(|_| {
        std::thread::yield_now();
        holds()
    });
    assert!(held, "{otherwise}");
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

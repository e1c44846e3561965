//! Campaigns with the reference agent: verdicts, reports, folders, repetition.

use std::fs;
use std::process::Stdio;

use crate::desk::{Desk, HOLDS, VIOLATED};

#[test]
fn what_holds_is_green_and_stored() {
    let desk = Desk::new();
    desk.write("scenarios/plain/a.toml", HOLDS);
    let said = desk.brownout(&["run"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("PASS"), "{}", said.out);
    assert!(
        said.out.contains("plain/a [openai-chat, streamed]"),
        "{}",
        said.out
    );
    assert!(said.out.contains("simulated"), "{}", said.out);
    for name in [
        "plan.toml",
        "journal.ndjson",
        "verdicts.json",
        "machine.json",
    ] {
        let case = desk.path("campaigns/latest/plain.a.openai-chat.whole");
        assert!(case.join(name).is_file(), "{name}");
    }
    let again = desk.brownout(&["judge"]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    assert!(!again.out.contains("changed"), "{}", again.out);
}

#[test]
fn a_scenario_written_once_is_run_in_every_dialect() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&["run", "--dialect", "all", "--streaming", "both"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("10 cases: 10 hold\n"), "{}", said.out);
    let said = desk.brownout(&["run", "--dialect", "gemini,ollama", "--streaming", "whole"]);
    assert!(said.out.contains("2 cases: 2 hold\n"), "{}", said.out);
}

#[test]
fn what_a_target_does_not_speak_is_skipped_and_nothing_of_it_passes() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let target =
        "format = 1\nname = \"mine\"\nadapter = \"command\"\ncommand = [\"true\", \"{prompt}\"]\n";
    desk.write("mine.toml", target);
    let arguments = [
        "run",
        "--no-isolation",
        "--target=mine.toml",
        "--dialect=gemini",
    ];
    let said = desk.brownout(&arguments);
    assert!(said.out.contains("needs dialect gemini"), "{}", said.out);
    assert!(said.out.contains("2 skipped"), "{}", said.out);
    assert_ne!(said.code, Some(0));
}

#[test]
fn what_is_violated_is_shown_in_the_file_with_the_way_to_do_it_again() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("scenarios/b.toml", VIOLATED);
    let said = desk.brownout(&["run", "--streaming", "streamed"]);
    assert_eq!(said.code, Some(100), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("--> scenarios/b.toml:14:12"),
        "{}",
        said.out
    );
    let again = said
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("again "));
    let words: Vec<&str> = again.unwrap().split_whitespace().skip(1).collect();
    assert_eq!(desk.brownout(&words).code, Some(100));
    let one = desk.brownout(&["run", "--filter", "not tag:refused"]);
    assert_eq!(one.code, Some(0), "{}", one.out);
}

#[test]
fn data_goes_to_stdout_and_people_are_told_on_stderr() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&[
        "run",
        "--report",
        "json",
        "--report",
        "junit=deep/report.xml",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["format"], 1);
    assert_eq!(report["cases_by_conclusion"]["holds"], 10);
    assert!(said.err.contains("PASS"), "{}", said.err);
    let junit = fs::read_to_string(desk.path("deep/report.xml")).unwrap();
    assert!(junit.contains("<testsuite "), "{junit}");
}

#[test]
fn a_seed_gives_the_same_journal_in_another_process() {
    let desk = Desk::new();
    desk.write("scenarios/b.toml", VIOLATED);
    let journal = |campaigns: &str| {
        let said = desk.brownout(&["run", "--seed", "0x1234", "--campaigns", campaigns]);
        assert_eq!(said.code, Some(100), "{}", said.err);
        let case = format!("{campaigns}/latest/b.openai-chat.streamed/journal.ndjson");
        fs::read_to_string(desk.path(&case)).unwrap()
    };
    assert_eq!(journal("one"), journal("two"));
}

#[test]
fn a_profile_says_what_the_command_line_does_not() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write(
        "brownout.toml",
        "[profile.ci]\nseed = 7\nstreaming = \"whole\"\ndialect = \"openai-chat, gemini\"\nreports = [\"json\"]\n",
    );
    let said = desk.brownout(&["run", "--profile", "ci", "--seed", "8"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (&report["seed"], &report["selected"]),
        (&8.into(), &2.into())
    );
    desk.write("brownout.toml", "[profile.ci]\ndialect = \"chat\"\n");
    let said = desk.brownout(&["run", "--profile", "ci"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("there are openai-chat, "), "{}", said.err);
    desk.write("brownout.toml", "[profile.ci]\nsede = 7\n");
    let said = desk.brownout(&["run", "--profile", "ci"]);
    assert_eq!(said.code, Some(102), "{}", said.err);
    assert!(said.err.contains("`sede`"), "{}", said.err);
}

#[test]
fn nobody_reading_is_no_panic() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let mut child = desk
        .command(&["run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(err, "");
}

#[test]
fn init_writes_what_then_runs_and_overwrites_nothing() {
    let desk = Desk::new();
    desk.write("brownout.toml", "# mine\n");
    let said = desk.brownout(&["init"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    insta::assert_snapshot!(said.out);
    assert_eq!(
        fs::read_to_string(desk.path("brownout.toml")).unwrap(),
        "# mine\n"
    );
    let said = desk.brownout(&["run", "--streaming", "streamed"]);
    assert_eq!(said.code, Some(100), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("PASS") && said.out.contains("FAIL"),
        "{}",
        said.out
    );
}

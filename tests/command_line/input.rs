//! Bad input: each kind has a clear message and an exit code of its own, and nothing is run.

use std::fs;
use std::os::unix::net::UnixListener;

use crate::desk::{Desk, HOLDS};

const FIVE_MISTAKES: &str = r#"format = 1
titel = "A plain answer arrives"

[[provider]]
reply = { txt = "Hello." }
fault = { at = "connect", action = "reset" }

[[steps]]
say = "Hello?"
[[steps]]
wait_for = { terminal = "perhaps", within = "10s" }

[expect]
terminal = "completed"
tool_runs = { list = "once" }
"#;

#[test]
fn a_command_line_without_sense_is_answered_with_2() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    for arguments in [
        ["run", "--sede=1"],
        ["run", "--jobs=0"],
        ["run", "--filter=a | "],
        ["run", "--report=pigeon"],
        ["run", "--report=junit="],
        ["run", "--seed=-1"],
        ["run", "--seed=0x1_0000_0000_0000_0000"],
        ["run", "--profile=ci"],
        ["run", "--dialect=klingon"],
        ["explain", "no-such-thing"],
    ] {
        let said = desk.brownout(&arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(said.err.starts_with("error: "), "{}", said.err);
        assert_eq!(said.out, "");
    }
    assert!(!desk.path("campaigns").exists());
}

#[test]
fn a_misspelt_topic_is_met_with_the_right_one() {
    let said = Desk::new().brownout(&["explain", "befor-headers"]);
    assert!(
        said.err.contains("did you mean `before-headers`?"),
        "{}",
        said.err
    );
}

#[test]
fn every_mistake_is_shown_at_once_and_nothing_is_run() {
    let desk = Desk::new();
    desk.write("scenarios/five.toml", FIVE_MISTAKES);
    let said = desk.brownout(&["run"]);
    assert_eq!(said.code, Some(102), "{}", said.err);
    insta::assert_snapshot!(said.err);
    assert!(!desk.path("campaigns").exists());
    assert_eq!(desk.brownout(&["check"]).err, said.err);
}

const NO_MARKER: &str = r#"format = 1
title = "An answer without its marker is an answer"

[[provider]]
reply = { text = "Hello." }
fault = { at = "before-end", action = "truncate" }

[[steps]]
say = "Hello?"
[[steps]]
wait_for = { terminal = "any", within = "10s" }

[expect]
terminal = "completed"
"#;

#[test]
fn what_a_dialect_does_not_have_is_told_where_it_stands() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", NO_MARKER);
    let said = desk.brownout(&["check", "--dialect", "openai-chat,gemini"]);
    assert_eq!(said.code, Some(102), "{}", said.err);
    insta::assert_snapshot!(said.err);
    // Somewhere it can be played, so by itself it makes sense.
    let sensible = "1 scenario makes sense\n";
    assert_eq!(desk.brownout(&["check"]).out, sensible);
    assert_eq!(
        desk.brownout(&["check", "--dialect=openai-chat"]).out,
        sensible
    );
    let only = NO_MARKER.replace(
        "\n\n[[provider]]",
        "\ndialects = [\"gemini\"]\n[[provider]]",
    );
    desk.write("scenarios/a.toml", &only);
    let said = desk.brownout(&["check"]);
    assert_eq!(said.code, Some(102), "{}{}", said.out, said.err);
}

#[test]
fn what_cannot_be_read_is_named() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    for arguments in [
        ["run", "nowhere.toml"],
        ["check", "nowhere"],
        ["run", "--target=nowhere.toml"],
        ["judge", "campaigns/never"],
    ] {
        let said = desk.brownout(&arguments);
        assert_eq!(said.code, Some(105), "{arguments:?}: {}", said.err);
        assert!(
            said.err.starts_with("error: failed to read "),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_file_that_is_no_text_is_shown_where_it_stops_being_one() {
    let desk = Desk::new();
    let place = HOLDS.find("plain answer").expect("is in the title");
    let mut bytes = HOLDS.as_bytes().to_vec();
    bytes[place] = 0xff;
    for (file, arguments) in [
        ("scenarios/a.toml", ["check", "scenarios/a.toml"]),
        ("mine.toml", ["run", "--target=mine.toml"]),
        ("brownout.toml", ["run", "--profile=ci"]),
    ] {
        let desk = Desk::new();
        desk.write("scenarios/a.toml", HOLDS);
        fs::write(desk.path(file), &bytes).unwrap();
        let said = desk.brownout(&arguments);
        assert_eq!(said.code, Some(102), "{file}: {}", said.err);
        assert!(
            said.err.starts_with(&format!(
                "error: the byte 0xff is not UTF-8\n --> {file}:2:12\n"
            )),
            "{}",
            said.err
        );
    }
    // No file at all, but a device that never ends.
    let said = desk.brownout(&["check", "/dev/zero"]);
    assert_eq!(said.code, Some(102), "{}", said.err);
    assert!(
        said.err.contains("the file is longer than "),
        "{}",
        said.err
    );
}

#[test]
fn what_is_no_file_among_scenarios_is_not_opened() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    // As with a pipe, at which one would wait for ever.
    let _socket = UnixListener::bind(desk.path("scenarios/socket.toml")).unwrap();
    let said = desk.brownout(&["check"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "1 scenario makes sense\n"),
        "{}",
        said.err
    );
}

#[test]
fn a_wrong_target_file_is_shown_like_a_wrong_scenario() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write(
        "mine.toml",
        "format = 1\nname = \"mine\"\nadaptor = \"command\"\n",
    );
    let said = desk.brownout(&["run", "--target", "mine.toml"]);
    assert_eq!(said.code, Some(102), "{}", said.err);
    assert!(said.err.contains("mine.toml:3"), "{}", said.err);
}

#[test]
fn nothing_selected_is_no_success() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&["run", "--filter", "tag:nothing"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(4), ""),
        "{}",
        said.err
    );
    fs::create_dir(desk.path("empty")).unwrap();
    assert_eq!(desk.brownout(&["run", "empty"]).code, Some(4));
}

#[test]
fn a_place_that_cannot_be_written_stops_a_run_before_it_begins() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("campaigns", "a file where the folder should be");
    let said = desk.brownout(&["run"]);
    assert_eq!(said.code, Some(105), "{}", said.err);
    assert!(
        said.err.contains("failed to write campaigns"),
        "{}",
        said.err
    );
}

#[test]
fn a_full_disk_is_told_and_ends_the_run() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&["run", "--report", "json=/dev/full"]);
    assert_eq!(said.code, Some(105), "{}", said.err);
    assert!(
        said.err.contains("failed to write /dev/full"),
        "{}",
        said.err
    );
}

#[test]
fn no_report_is_written_over_by_another() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    for (one, other) in [("json", "junit"), ("json", "github"), ("json=a", "junit=a")] {
        let said = desk.brownout(&["run", "--report", one, "--report", other]);
        assert_eq!(said.code, Some(2), "{one} {other}: {}", said.err);
        assert!(said.err.contains("write two reports to "), "{}", said.err);
    }
    assert!(!desk.path("campaigns").exists());
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_run() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    desk.write("file", "");
    let said = desk.brownout(&["run", "--report", "json=file/a.json"]);
    assert_eq!(said.code, Some(105), "{}", said.err);
    assert!(said.err.contains("failed to write file: "), "{}", said.err);
    assert!(!desk.path("campaigns").exists());
}

#[test]
fn a_report_that_fails_takes_no_other_with_it() {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&[
        "run",
        "--report",
        "json=/dev/full",
        "--report",
        "junit=a.xml",
    ]);
    assert_eq!(said.code, Some(105), "{}", said.err);
    let written = fs::read_to_string(desk.path("a.xml")).unwrap();
    assert!(written.contains("<testsuites"), "{written}");
}

#[test]
fn a_folder_without_scenarios_is_met_with_the_way_to_begin() {
    let said = Desk::new().brownout(&["run"]);
    assert_eq!(said.code, Some(4), "{}", said.err);
    assert!(said.err.contains("brownout init"), "{}", said.err);
}

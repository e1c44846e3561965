//! Judging again what was stored, and what is said where that was damaged: nobody is accused by a journal that was changed.

use std::fs;
use std::path::PathBuf;

use crate::desk::{Desk, HOLDS, Said};

const JUDGE: [&str; 2] = ["judge", "campaigns/latest"];

/// A desk with a stored campaign of two cases, and the folder of one of them.
fn stored() -> (Desk, PathBuf) {
    let desk = Desk::new();
    desk.write("scenarios/a.toml", HOLDS);
    let said = desk.brownout(&["run"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let case = desk.path("campaigns/latest/a.openai-chat.streamed");
    (desk, case)
}

/// What is said once a file of the case was changed.
fn changed(name: &str, change: impl Fn(&str) -> Vec<u8>) -> Said {
    let (desk, case) = stored();
    let path = case.join(name);
    let text = fs::read_to_string(&path).expect("it was stored");
    fs::write(&path, change(&text)).expect("a file can be written");
    desk.brownout(&JUDGE)
}

#[test]
fn a_damaged_file_is_told_with_its_place() {
    type Change = fn(&str) -> Vec<u8>;
    let changes: [(&str, Change, &str); 6] = [
        (
            "journal.ndjson",
            |text| text[..text.len() - 9].into(),
            "journal.ndjson: line ",
        ),
        (
            "journal.ndjson",
            |text| text.repeat(2).into(),
            "the journal is damaged",
        ),
        (
            "journal.ndjson",
            |text| {
                let mut lines: Vec<&str> = text.lines().collect();
                lines.reverse();
                lines.join("\n").into()
            },
            "journal.ndjson: line 1: record ",
        ),
        (
            "journal.ndjson",
            |_| b"{\"format\": 2}".into(),
            "the record has format 2",
        ),
        ("plan.toml", |_| b"\xff".into(), "plan.toml: invalid utf-8"),
        ("verdicts.json", |_| b"{".into(), "verdicts.json: "),
    ];
    for (name, change, words) in changes {
        let said = changed(name, change);
        assert_eq!(said.code, Some(102), "{words}: {}", said.err);
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
}

#[test]
fn a_journal_that_ends_too_early_decides_nothing() {
    let said = changed("journal.ndjson", |text| {
        text.lines()
            .take(3)
            .flat_map(|line| [line, "\n"])
            .collect::<String>()
            .into()
    });
    assert_eq!(said.code, Some(101), "{}{}", said.out, said.err);
}

#[test]
fn half_a_case_is_not_left_out_in_silence() {
    for name in ["journal.ndjson", "plan.toml"] {
        let (desk, case) = stored();
        fs::remove_file(case.join(name)).unwrap();
        let said = desk.brownout(&JUDGE);
        assert_eq!(said.code, Some(105), "{name}: {}", said.err);
        assert!(said.err.contains(name), "{}", said.err);
    }
}

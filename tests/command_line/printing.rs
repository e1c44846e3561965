//! What is printed without anything being run.

use std::fs;
use std::path::Path;

use crate::desk::{Desk, HOLDS, VIOLATED};

#[test]
fn help_says_what_there_is() {
    let desk = Desk::new();
    let said = desk.brownout(&["--help"]);
    assert_eq!(said.code, Some(0));
    insta::assert_snapshot!(said.out);
    let said = desk.brownout(&["run", "--help"]);
    assert_eq!(said.code, Some(0));
    insta::assert_snapshot!(said.out);
}

#[test]
fn a_list_is_for_people_and_for_programs() {
    let desk = Desk::new();
    desk.write("scenarios/x/a.toml", HOLDS);
    desk.write("scenarios/b.toml", VIOLATED);
    let said = desk.brownout(&["list"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    insta::assert_snapshot!(said.out);
    let said = desk.brownout(&["list", "--format", "json", "--filter", "tag:plain"]);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["scenarios"][0]["name"], "x/a");
    assert_eq!(document["scenarios"].as_array().map(Vec::len), Some(1));
}

#[test]
fn exit_codes_are_explained_from_the_table_that_is_used() {
    let said = Desk::new().brownout(&["explain", "exit-codes"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    insta::assert_snapshot!(said.out);
}

#[test]
fn every_invariant_is_explained_with_an_example_that_violates_it() {
    for rule in invariants::registry() {
        let said = Desk::new().brownout(&["explain", rule.id]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        // Rules about the harness itself never accuse a target.
        let word = match rule.group {
            "harness" if !said.out.contains("\n  violated: ") => "undecided",
            _ => "violated",
        };
        assert!(said.out.contains(&format!("\n  {word}: ")), "{}", said.out);
    }
}

#[test]
fn the_schema_is_the_one_that_is_kept_beside_the_scenarios() {
    let said = Desk::new().brownout(&["schema", "scenario"]);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    assert_eq!(said.out, fs::read_to_string(kept).unwrap());
}

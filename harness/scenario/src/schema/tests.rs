//! Tests of the schema: it is the stored one, it accepts what the reader accepts, and it refuses what the reader refuses.

use std::path::{Path, PathBuf};

use super::*;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn accepts(text: &str) -> bool {
    let document: toml::Table = toml::from_str(text).expect("is TOML");
    let document = serde_json::to_value(document).expect("is JSON");
    let validator = jsonschema::validator_for(&schema()).expect("is a schema");
    validator.is_valid(&document)
}

#[test]
fn the_stored_schema_is_the_schema() {
    let stored =
        std::fs::read_to_string(shipped().join("scenario.schema.json")).unwrap_or_default();
    assert!(
        stored == schema_text(),
        "scenarios/scenario.schema.json is out of date: `brownout schema > scenarios/scenario.schema.json`"
    );
}

#[test]
fn it_accepts_every_shipped_scenario() {
    let files = crate::discover(&[shipped()]).expect("the folder is there");
    assert!(files.len() >= 2);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("can be read");
        assert!(accepts(&text), "{}", file.display());
    }
}

#[test]
fn it_refuses_unknown_keys_words_and_types() {
    let good =
        "format = 1\ntitle = \"t\"\n[[steps]]\nstop = { run = 1 }\n[[steps]]\nadvance = \"5s\"\n";
    assert!(accepts(good));
    for (wrong, why) in [
        (
            "format = 2\ntitle = \"t\"\n".to_owned(),
            "a format of the future",
        ),
        ("format = 1\n".to_owned(), "no title"),
        (format!("titel = \"x\"\n{good}"), "an unknown key"),
        (
            good.replace("run = 1", "rum = 1"),
            "an unknown key in a run",
        ),
        (
            good.replace("{ run = 1 }", "false"),
            "a stop that does nothing",
        ),
        (good.replace("5s", "5"), "a duration without a unit"),
        (
            format!("{good}[expect]\nterminal = \"complete\"\n"),
            "an unknown word",
        ),
    ] {
        assert!(!accepts(&wrong), "{why} is accepted");
    }
}

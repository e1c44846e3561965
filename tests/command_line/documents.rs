//! What the documents show as files is accepted as it stands there.

use std::path::Path;

use crate::desk::{Desk, HOLDS};

/// The contents of the document's blocks of this language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let begun = document.split(opening.as_str()).skip(1);
    begun
        .map(|rest| rest.split_once("\n```").expect("is closed").0)
        .collect()
}

#[test]
fn the_target_and_the_scenario_of_the_readme_are_without_mistakes() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("is there");
    let (mut targets, mut scenarios) = (0, 0);
    for block in blocks(&readme, "toml") {
        let desk = Desk::new();
        let said = if block.contains("adapter = ") {
            targets += 1;
            desk.write("scenarios/a.toml", HOLDS);
            desk.write("target.toml", block);
            desk.brownout(&["check", "--target=target.toml"])
        } else {
            scenarios += 1;
            desk.write("scenarios/shown.toml", block);
            desk.brownout(&["run"])
        };
        assert_eq!(said.code, Some(0), "{}\n{block}", said.err);
    }
    assert_eq!((targets, scenarios), (1, 1));
}

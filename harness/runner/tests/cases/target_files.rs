//! The target files that ship.

use std::path::Path;

use runner::{Adapter, TargetFile, TargetFileError};

#[test]
fn every_target_file_that_ships_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../targets");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("there are targets") {
        let path = entry.expect("can be listed").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let target = TargetFile::load(&path).unwrap_or_else(|error| panic!("{error:#?}"));
            found.push((target.name, target.adapter));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        ("hermes-agent", Adapter::Gateway),
        ("openai-python", Adapter::Command),
        ("reference-agent", Adapter::Gateway),
        ("reference-chat", Adapter::Prompt),
    ];
    assert_eq!(
        found,
        expected.map(|(name, adapter)| (name.to_owned(), adapter))
    );
}

#[test]
fn a_file_that_is_not_there_and_one_with_mistakes_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.toml");
    let missing = TargetFile::load(&path).unwrap_err();
    assert!(matches!(missing, TargetFileError::Io { .. }), "{missing:?}");
    std::fs::write(&path, "format = 1\nadapter = \"x\"\n").unwrap();
    let TargetFileError::Invalid { mistakes, .. } = TargetFile::load(&path).unwrap_err() else {
        panic!("has mistakes");
    };
    assert!(mistakes.len() >= 3, "{mistakes:#?}");
}

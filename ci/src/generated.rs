//! Files that a command prints and that are kept beside the sources, so that a change of them is seen in review.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::program;

/// A file, and the arguments of `brownout` that print it.
const GENERATED: [(&str, &[&str]); 4] = [
    ("scenarios/scenario.schema.json", &["schema", "scenario"]),
    ("docs/reference/exit-codes.txt", &["explain", "exit-codes"]),
    ("docs/reference/invariants.txt", &["explain", "invariants"]),
    ("docs/reference/faults.md", &["explain", "fault-table"]),
];

/// Writes every file anew.
pub(crate) fn write(root: &Path) -> Result<(), Failure> {
    for (file, arguments) in GENERATED {
        let path = root.join(file);
        let text = print(root, arguments)?;
        let folder = path
            .parent()
            .expect("every generated file lies in a folder");
        fs::create_dir_all(folder).map_err(|source| Failure::file(folder, source))?;
        fs::write(&path, text).map_err(|source| Failure::file(&path, source))?;
    }
    Ok(())
}

/// Says which files are not what would be written now.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (file, arguments) in GENERATED {
        let there = fs::read_to_string(root.join(file)).unwrap_or_default();
        if there != print(root, arguments)? {
            stale.push(format!("{file} is out of date: run `cargo ci docs`"));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::Found(stale))
}

fn print(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let brownout = ["cargo", "run", "--quiet", "--bin", "brownout", "--"];
    let words: Vec<&str> = brownout.iter().chain(arguments).copied().collect();
    program::output(root, &words)
}

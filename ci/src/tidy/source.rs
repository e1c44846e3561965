//! The text files of the workspace, as git knows them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::program;

/// Names of files that people write; the others are data, licences and what tools generate.
const WRITTEN: [&str; 6] = [".rs", ".toml", ".md", ".py", ".yml", ".sh"];

/// A file that somebody wrote.
pub(crate) struct Source {
    /// Its path below the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Whether its tests run in simulated time, where a sleep costs nothing and cannot be too short.
    pub(crate) is_paused: bool,
}

impl Source {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The line, from 1, from which on everything is test code, if there is any.
    pub(crate) fn tests_begin(&self) -> Option<usize> {
        let folder = self.path.find("tests/");
        // A crate that tests use has sources like any other.
        let is_test = |at: usize| !self.path[at..].contains("/src/");
        if folder.is_some_and(is_test) || self.path.ends_with("/tests.rs") {
            return Some(1);
        }
        let attribute = concat!("#[cfg", "(test)]");
        let mut lines = self.text.lines();
        lines
            .position(|line| line.trim() == attribute)
            .map(|index| index + 1)
    }

    /// The numbers, from 1, of the lines for which `offends`.
    pub(crate) fn lines_where(&self, offends: impl Fn(&str) -> bool) -> Vec<usize> {
        let lines = self.text.lines().enumerate();
        lines
            .filter(|(_, line)| offends(line))
            .map(|(index, _)| index + 1)
            .collect()
    }
}

/// Every file that somebody wrote, new ones included.
pub(crate) fn all(root: &Path) -> Result<Vec<Source>, Failure> {
    let words = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let listed = program::output(root, &words)?;
    let mut paths: Vec<&str> = listed.lines().filter(|path| written(path)).collect();
    paths.sort_unstable();
    let mut sources = Vec::new();
    for path in paths {
        let whole = root.join(path);
        // A file that was deleted and not yet committed is still listed.
        if whole.is_file() {
            let text =
                fs::read_to_string(&whole).map_err(|source| Failure::file(&whole, source))?;
            sources.push(Source {
                path: path.to_owned(),
                text,
                is_paused: false,
            });
        }
    }
    find_paused(&mut sources);
    Ok(sources)
}

/// Tests are paused where any file of the same test program says so.
fn find_paused(sources: &mut [Source]) {
    let paused = |source: &&Source| source.text.contains("start_paused");
    let programs: BTreeSet<String> = sources
        .iter()
        .filter(paused)
        .map(|source| program_of(&source.path).to_owned())
        .collect();
    for source in sources {
        source.is_paused = programs.contains(program_of(&source.path));
    }
}

/// `src/agent/tests/core` for a file below it; the file itself where its tests lie beside what they test.
fn program_of(path: &str) -> &str {
    let folder = "tests/";
    let begin = path.match_indices(folder).map(|(at, _)| at + folder.len());
    let mut ends = begin.filter_map(|begin| Some(begin + path[begin..].find('/')?));
    ends.next().map_or(path, |end| &path[..end])
}

fn written(path: &str) -> bool {
    WRITTEN.iter().any(|ending| path.ends_with(ending)) || path.starts_with(".ci/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_known_by_their_folder() {
        assert_eq!(
            program_of("src/agent/tests/core/world.rs"),
            "src/agent/tests/core"
        );
        assert_eq!(program_of("tests/properties/a/b.rs"), "tests/properties");
        assert_eq!(program_of("tests/architecture.rs"), "tests/architecture.rs");
        assert_eq!(program_of("src/retry.rs"), "src/retry.rs");
    }

    #[test]
    fn tests_begin_where_no_program_does() {
        let begin = |path: &str, text: &str| {
            let source = Source {
                path: path.to_owned(),
                text: text.to_owned(),
                is_paused: false,
            };
            source.tests_begin()
        };
        let inside = format!("//! x\n{}\n", concat!("#[cfg", "(test)]"));
        assert_eq!(begin("src/retry.rs", &inside), Some(2));
        assert_eq!(begin("src/retry.rs", "//! x\n"), None);
        assert_eq!(begin("src/retry/tests.rs", "//! x\n"), Some(1));
        assert_eq!(begin("tests/architecture.rs", "//! x\n"), Some(1));
        assert_eq!(begin("tests/agent/src/lib.rs", "//! x\n"), None);
    }

    #[test]
    fn one_file_says_it_for_its_whole_program() {
        let source = |path: &str, text: &str| Source {
            path: path.to_owned(),
            text: text.to_owned(),
            is_paused: false,
        };
        let mut sources = [
            source("tests/a/x.rs", "start_paused"),
            source("tests/a/y.rs", ""),
            source("tests/b/z.rs", ""),
        ];
        find_paused(&mut sources);
        assert_eq!(sources.map(|source| source.is_paused), [true, true, false]);
    }
}

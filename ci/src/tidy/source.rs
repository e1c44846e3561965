//! The text files of the workspace, as git knows them.

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
}

impl Source {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The line, from 1, from which on everything is test code, if there is any.
    pub(crate) fn tests_begin(&self) -> Option<usize> {
        if self.path.starts_with("tests/") || self.path.contains("/tests/") {
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
            });
        }
    }
    Ok(sources)
}

fn written(path: &str) -> bool {
    WRITTEN.iter().any(|ending| path.ends_with(ending)) || path.starts_with(".ci/")
}

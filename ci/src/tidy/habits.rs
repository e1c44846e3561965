//! Habits of the house, one function each.

use super::source::Source;

/// Every Rust file begins by saying what it is for.
pub(crate) fn begins_with_its_purpose(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec!["1: the file does not begin with `//!` and what it is for".to_owned()]
}

/// A file is named by what is in it, and nothing is in a drawer.
pub(crate) fn named_by_a_noun(source: &Source) -> Vec<String> {
    const DRAWERS: [&str; 8] = [
        "util", "utils", "helper", "helpers", "common", "misc", "imp", "mod",
    ];
    let file = source.path.rsplit('/').next().unwrap_or(&source.path);
    let name = file.strip_suffix(".rs");
    match name.filter(|name| DRAWERS.contains(name)) {
        Some(name) => vec![format!(
            "1: `{name}` says nothing; name the file by what is in it"
        )],
        None => Vec::new(),
    }
}

/// Tests wait for recorded facts, not for time; where time is simulated a sleep costs and proves nothing wrong.
pub(crate) fn no_sleep_in_tests(source: &Source) -> Vec<String> {
    let Some(begin) = source.tests_begin().filter(|_| source.is_rust()) else {
        return Vec::new();
    };
    if source.is_paused {
        return Vec::new();
    }
    let call = concat!("::sleep", "(");
    let lines = source.lines_where(|line| line.contains(call));
    let lines = lines.into_iter().filter(|line| *line >= begin);
    lines
        .map(|line| format!("{line}: a test sleeps; wait for a recorded fact, with a bound"))
        .collect()
}

/// No test is switched off, no lint is silenced without a reason.
pub(crate) fn no_test_left_out(source: &Source) -> Vec<String> {
    let (ignored, allowed) = (concat!("#[ign", "ore"), concat!("#[al", "low("));
    if !source.is_rust() {
        return Vec::new();
    }
    let lines = source.lines_where(|line| {
        let line = line.trim_start();
        line.starts_with(ignored) || line.starts_with(allowed)
    });
    let lines = lines.into_iter();
    lines
        .map(|line| format!("{line}: neither tests nor lints are switched off"))
        .collect()
}

/// Nothing may work on one machine alone.
pub(crate) fn no_path_of_a_machine(source: &Source) -> Vec<String> {
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    let lines = source.lines_where(|line| paths.iter().any(|path| line.contains(path)));
    let lines = lines.into_iter();
    lines
        .map(|line| format!("{line}: a path of one machine"))
        .collect()
}

/// What formatters do for Rust, for everything else.
pub(crate) fn no_tab_or_trailing_space(source: &Source) -> Vec<String> {
    if source.is_rust() {
        return Vec::new();
    }
    let lines = source.lines_where(|line| line.contains('\t') || line.ends_with(' '));
    let lines = lines.into_iter();
    lines
        .map(|line| format!("{line}: a tab or a trailing space"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            is_paused: false,
        }
    }

    #[test]
    fn each_habit_convicts_its_offence() {
        let bare = source("src/x.rs", "fn main() {}\n");
        assert_eq!(begins_with_its_purpose(&bare).len(), 1);
        assert_eq!(named_by_a_noun(&source("src/utils.rs", "")).len(), 1);
        let sleeping = format!(
            "//! x\n{}\nfn t() {{ {}1); }}\n",
            concat!("#[cfg", "(test)]"),
            concat!("time::sleep", "(")
        );
        assert_eq!(
            no_sleep_in_tests(&source("src/x.rs", &sleeping)),
            ["3: a test sleeps; wait for a recorded fact, with a bound"]
        );
        let left_out = format!("//! x\n    {}]\n", concat!("#[ign", "ore"));
        assert_eq!(no_test_left_out(&source("src/x.rs", &left_out)).len(), 1);
        let path = format!("cd {}x", concat!("/wo", "rk/"));
        assert_eq!(no_path_of_a_machine(&source("README.md", &path)).len(), 1);
        assert_eq!(
            no_tab_or_trailing_space(&source("x.toml", "a = 1 \n")).len(),
            1
        );
    }

    #[test]
    fn what_is_fine_is_fine() {
        let fine = source("src/sentence.rs", "//! Purpose.\nfn wait() { sleep(1) }\n");
        let habits = [
            begins_with_its_purpose,
            named_by_a_noun,
            no_sleep_in_tests,
            no_test_left_out,
            no_path_of_a_machine,
        ];
        for habit in habits {
            assert!(habit(&fine).is_empty());
        }
    }
}

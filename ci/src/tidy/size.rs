//! A file that nobody can hold in their head is split by noun.

use super::source::Source;

/// Rust files have at most 600 lines, tests included.
pub(crate) fn at_most_600_lines(source: &Source) -> Vec<String> {
    const MOST: usize = 600;
    let lines = source.text.lines().count();
    if !source.is_rust() || lines <= MOST {
        return Vec::new();
    }
    vec![format!(
        "{MOST}: the file has {lines} lines; split it by noun at {MOST}"
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_meant() {
        let file = |lines: usize| Source {
            path: "src/long.rs".to_owned(),
            text: "//! x\n".repeat(lines),
            is_paused: false,
        };
        assert!(at_most_600_lines(&file(600)).is_empty());
        assert_eq!(at_most_600_lines(&file(601)).len(), 1);
    }
}

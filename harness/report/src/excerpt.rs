//! A line of a scenario file with a caret under what failed. Knows no verdict.

use std::fmt::Write as _;

use scenario::{Place, ShownLine};

/// The lines that show `place` in `source`, with `seen` behind the carets; only the place where the line is not there.
#[must_use]
pub(crate) fn excerpt(file: &str, source: Option<&str>, place: Place, seen: &str) -> String {
    let Place {
        line,
        column,
        length,
    } = place;
    let found = source
        .and_then(|text| text.lines().nth(line.wrapping_sub(1)))
        .map(|text| text.replace('\t', " "));
    let Some(text) = found else {
        return format!("    --> {file}:{line}:{column}\n     = {seen}\n");
    };
    let width = line.to_string().len().max(2);
    let gutter = " ".repeat(width);
    // A value of several lines is underlined to the end of its first.
    let ShownLine { text, carets } = ShownLine::of(&text, column.max(1), length);
    let mut out = String::new();
    let mut push = |text: String| writeln!(out, "{}", text.trim_end()).expect("a string takes all");
    push(format!("  {gutter}--> {file}:{line}:{column}"));
    push(format!("  {gutter} |"));
    push(format!("  {line:>width$} | {text}"));
    push(format!("  {gutter} | {carets} {seen}"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        line: 2,
        column: 15,
        length: 8,
    };

    #[test]
    fn the_value_is_underlined_and_what_was_seen_stands_beside_it() {
        let source = "[expect]\ntool_runs = { list = 1 }\n";
        insta::assert_snapshot!(excerpt(
            "scenarios/x.toml",
            Some(source),
            PLACE,
            "ran 2 times"
        ));
    }

    #[test]
    fn a_file_that_has_changed_since_still_gives_the_place() {
        insta::assert_snapshot!(excerpt(
            "scenarios/x.toml",
            Some("[expect]"),
            PLACE,
            "ran 2 times"
        ));
        insta::assert_snapshot!(excerpt("scenarios/x.toml", None, PLACE, "ran 2 times"));
    }
}

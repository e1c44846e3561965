//! Mistakes as people read them: the line, the carets, what is wrong, how to mend it. Plain text, without colour.

use std::fmt::Write;
use std::path::Path;

use wire_faults::Mistake;

use crate::place::Lines;
use crate::shown::ShownLine;

/// Every mistake with its line, in the order of the file, and how many there are.
#[must_use]
pub fn render(file: &Path, text: &str, mistakes: &[Mistake]) -> String {
    let mut sorted: Vec<&Mistake> = mistakes.iter().collect();
    sorted.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    let lines = Lines::of(text);
    let mut out = String::new();
    for mistake in sorted {
        out.push_str(&excerpt(file, &lines, mistake));
        out.push('\n');
    }
    out.push_str(&count(mistakes.len(), file));
    out.push_str("; nothing was run\n");
    out
}

/// `5 mistakes in scenarios/x.toml`.
pub(crate) fn count(mistakes: usize, file: &Path) -> String {
    let noun = if mistakes == 1 { "mistake" } else { "mistakes" };
    format!("{mistakes} {noun} in {}", file.display())
}

fn excerpt(file: &Path, lines: &Lines<'_>, mistake: &Mistake) -> String {
    let place = lines.place(&mistake.span);
    let line = lines.line(place.line);
    let margin = " ".repeat(place.line.to_string().len());
    let ShownLine { text: line, carets } = ShownLine::of(line, place.column, place.length);
    let mut out = String::new();
    let written = writeln!(
        out,
        "error: {message}\n{margin}--> {file}:{number}:{column}\n{margin} |\n{number} | {line}\n{margin} | {carets}",
        message = mistake.message,
        file = file.display(),
        number = place.line,
        column = place.column,
    );
    written.expect("writing to a string cannot fail");
    if let Some(help) = &mistake.help {
        out.push_str(&margin);
        out.push_str(" = help: ");
        out.push_str(help);
        out.push('\n');
    }
    out
}

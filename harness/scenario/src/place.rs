//! A place in a scenario file, for showing what failed where it was demanded.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A stretch of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column of the first character, from 1.
    pub column: usize,
    /// Characters.
    pub length: usize,
}

/// The lines of a text.
pub(crate) struct Lines<'a> {
    text: &'a str,
}

impl<'a> Lines<'a> {
    /// The lines of this text.
    pub(crate) const fn of(text: &'a str) -> Self {
        Self { text }
    }

    /// Where a span of bytes stands: of one that covers several lines, the part on its first line.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let start = floor(self.text, span.start);
        let end = floor(self.text, span.end).max(start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let covered = &self.text[start..end];
        let on_first_line = covered.lines().next().unwrap_or_default();
        Place {
            line: before.matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            length: on_first_line.chars().count(),
        }
    }

    /// A line, from 1, without its end.
    pub(crate) fn line(&self, line: usize) -> &'a str {
        self.text.lines().nth(line - 1).unwrap_or_default()
    }
}

/// The last start of a character at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_stay_on_their_line() {
        let text = "a = 1\nä = \"öö\"\nb = \"\"\"x\ny\"\"\"\n";
        let lines = Lines::of(text);
        let at = |part: &str| {
            let start = text.find(part).expect("is in the text");
            lines.place(&(start..start + part.len()))
        };
        let place = |line, column, length| Place {
            line,
            column,
            length,
        };
        assert_eq!(at("1"), place(1, 5, 1));
        assert_eq!(at("\"öö\""), place(2, 5, 4));
        assert_eq!(at("\"\"\"x\ny\"\"\""), place(3, 5, 4));
        assert_eq!(lines.place(&(999..1000)), place(5, 1, 0));
        assert_eq!(lines.line(2), "ä = \"öö\"");
    }
}

//! Mistakes in a script, told with their lines and columns. Knows no file and no socket.

use std::fmt;

use serde::Serialize;
use wire_faults::Mistake;

/// A script with mistakes in it: all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadScript {
    /// What the script is called.
    pub name: String,
    /// The mistakes, in the order of the text.
    pub mistakes: Vec<PlacedMistake>,
}

/// A mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlacedMistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl BadScript {
    /// These mistakes in this text.
    #[must_use]
    pub fn new(name: &str, text: &str, mistakes: &[Mistake]) -> Self {
        let placed = mistakes.iter().map(|mistake| {
            let (line, column) = place(text, mistake.span.start);
            PlacedMistake {
                line,
                column,
                message: mistake.message.clone(),
                help: mistake.help.clone(),
            }
        });
        Self {
            name: name.to_owned(),
            mistakes: placed.collect(),
        }
    }
}

impl fmt::Display for BadScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, mistakes } = self;
        for mistake in mistakes {
            let PlacedMistake { line, column, .. } = mistake;
            write!(f, "{name}:{line}:{column}: {}", mistake.message)?;
            if let Some(help) = &mistake.help {
                write!(f, " ({help})")?;
            }
            f.write_str("\n")?;
        }
        write!(f, "mistakes in {name}: {}", mistakes.len())
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(byte)];
    let line = before.matches('\n').count() + 1;
    let begun = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[begun..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let text = "é = 1\nab";
        let mistakes = [
            Mistake::new(3..4, "one"),
            Mistake::new(7..8, "two").with_help("help"),
        ];
        let bad = BadScript::new("a.toml", text, &mistakes);
        assert_eq!(
            bad.to_string(),
            "a.toml:1:3: one\na.toml:2:1: two (help)\nmistakes in a.toml: 2"
        );
    }
}

//! Colour, for those who want it. Everything must be understandable without: a colour never says what no word says.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Whether and how words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    coloured: bool,
}

impl Ink {
    /// No colour at all.
    pub const PLAIN: Self = Self { coloured: false };
    /// ANSI colours.
    pub const COLOURED: Self = Self { coloured: true };

    pub(crate) fn good(self, word: impl Display) -> String {
        self.paint(AnsiColor::Green, word)
    }

    pub(crate) fn bad(self, word: impl Display) -> String {
        self.paint(AnsiColor::Red, word)
    }

    pub(crate) fn doubtful(self, word: impl Display) -> String {
        self.paint(AnsiColor::Yellow, word)
    }

    pub(crate) fn aside(self, word: impl Display) -> String {
        self.paint(AnsiColor::Cyan, word)
    }

    fn paint(self, colour: AnsiColor, word: impl Display) -> String {
        if !self.coloured {
            return word.to_string();
        }
        let style = Style::new().bold().fg_color(Some(colour.into()));
        format!("{style}{word}{style:#}")
    }
}

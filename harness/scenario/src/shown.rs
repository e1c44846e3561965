//! A line of a file as it is shown to a person: only the part that matters of a long one, and nothing that would steer the terminal.

/// Most characters of a line that are shown, and how many of them stand before what is meant.
const SHOWN_MAX: usize = 160;
const BEFORE: usize = 60;

/// Stands for what is left out.
const LEFT_OUT: char = '…';

/// A line, and what goes below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// The line, or its part around the place.
    pub text: String,
    /// What goes below it: spaces, and then carets below what is meant.
    pub carets: String,
}

impl ShownLine {
    /// Shows `line` with carets below the `length` characters from `column` on, which counts from 1.
    #[must_use]
    pub fn of(line: &str, column: usize, length: usize) -> Self {
        let letters: Vec<char> = line.chars().map(harmless).collect();
        let start = (column - 1).min(letters.len());
        let (from, to) = if letters.len() <= SHOWN_MAX {
            (0, letters.len())
        } else {
            let from = start.saturating_sub(BEFORE);
            (from, letters.len().min(from + SHOWN_MAX))
        };
        let mut text: String = letters[from..to].iter().collect();
        // Tabs stay tabs, so that the carets stand under what they mean however wide a tab is shown.
        let before = letters[from..start].iter();
        let mut carets: String = before
            .map(|c| if *c == '\t' { '\t' } else { ' ' })
            .collect();
        if from > 0 {
            text.insert(0, LEFT_OUT);
            carets.insert(0, ' ');
        }
        if to < letters.len() {
            text.push(LEFT_OUT);
        }
        let room = to.saturating_sub(start);
        carets.push_str(&"^".repeat(length.min(room).max(1)));
        Self { text, carets }
    }
}

/// Control characters by the pictures that Unicode has for them, each as wide as any letter.
fn harmless(letter: char) -> char {
    match letter {
        '\t' => letter,
        '\0'..='\x1f' => {
            char::from_u32(0x2400 + u32::from(letter)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole_and_steers_no_terminal() {
        let shown = ShownLine::of("\ta = \"\u{1b}[2J\u{9b}é\"", 6, 4);
        assert_eq!(shown.text, "\ta = \"␛[2J\u{fffd}é\"");
        assert_eq!(shown.carets, "\t    ^^^^");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let line = format!("{}x{}", "é".repeat(5_000), "[".repeat(5_000));
        let shown = ShownLine::of(&line, 5_001, 9_000);
        assert_eq!(shown.text.chars().count(), SHOWN_MAX + 2);
        assert!(shown.text.starts_with("…é") && shown.text.ends_with("[…"));
        let at = shown.carets.find('^').expect("there is one");
        assert_eq!(shown.text.chars().nth(at), Some('x'));
        assert_eq!(shown.carets.chars().count(), SHOWN_MAX + 1);
    }

    #[test]
    fn a_place_behind_the_line_has_its_caret_at_the_end() {
        assert_eq!(ShownLine::of("ab", 9, 3).carets, "  ^");
        assert_eq!(ShownLine::of("", 1, 0).carets, "^");
    }
}

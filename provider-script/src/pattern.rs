//! Texts with gaps. `*` stands for anything, the whole text is meant unless a part is asked for. Knows nothing of requests.

use wildmatch::WildMatchPattern;

/// `*` for any number of characters, `?` for one.
type Whole = WildMatchPattern<'*', '?'>;

/// In prose a question mark is one; no text has the character that stands for one character here.
type Part = WildMatchPattern<'*', '\0'>;

/// Whether the whole text is meant.
#[must_use]
pub fn is_whole(pattern: &str, text: &str) -> bool {
    pattern == text || Whole::new(pattern).matches(text)
}

/// Whether some part of the text is meant.
pub(crate) fn is_part(pattern: &str, text: &str) -> bool {
    text.contains(pattern) || Part::new(&format!("*{pattern}*")).matches(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_is_meant_with_its_gaps() {
        assert!(is_whole("gpt-4*", "gpt-4o-mini"));
        assert!(is_whole("claude-?", "claude-3"));
        assert!(!is_whole("gpt", "gpt-4o-mini"));
        assert!(is_whole("", "") && !is_whole("", "x"));
    }

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        assert!(is_part("the code?", "What is\nthe code? [run-1]"));
        assert!(is_part("What*code", "What is\nthe code? [run-1]"));
        assert!(!is_part("the code?", "the code!"));
        assert!(!is_part("code*What", "What is the code?"));
    }
}

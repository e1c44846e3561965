//! What was probably meant.

/// The closest of `allowed`, if any is close enough to be a slip of the finger.
#[must_use]
pub fn suggestion<'a>(given: &str, allowed: &[&'a str]) -> Option<&'a str> {
    allowed
        .iter()
        .filter(|candidate| resembles(given, candidate))
        .min_by_key(|candidate| distance(given, candidate))
        .copied()
}

/// Whether `given` is probably `meant`, misspelt.
#[must_use]
pub fn resembles(given: &str, meant: &str) -> bool {
    let longest = given.chars().count().max(meant.chars().count());
    // One slip in three characters: `calls` for `call`, but not `text` for `tool`.
    distance(given, meant) <= (longest / 3).max(1)
}

/// Slips between two words, whatever their case, `-` and `_` being the same.
fn distance(given: &str, meant: &str) -> usize {
    let plain = |word: &str| word.to_lowercase().replace('_', "-");
    strsim::damerau_levenshtein(&plain(given), &plain(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let allowed = ["call", "attempt", "run", "tool-arguments"];
        assert_eq!(suggestion("attemt", &allowed), Some("attempt"));
        assert_eq!(
            suggestion("tool_arguments", &allowed),
            Some("tool-arguments")
        );
        assert_eq!(suggestion("Call", &allowed), Some("call"));
        assert_eq!(suggestion("model", &allowed), None);
    }
}

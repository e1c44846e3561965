//! Places in a list by a word, so that the first of them that is still open is found without looking at all the others: requests bring
//! tens of thousands of tool calls, and their results in any order. Knows no dialect.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};

/// Places by a word, those of one word in their order.
#[derive(Debug)]
pub(crate) struct Places<W>(BTreeMap<W, VecDeque<usize>>);

impl<W> Default for Places<W> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<W: Borrow<str> + Ord> Places<W> {
    /// Adds a place behind all others.
    pub(crate) fn add(&mut self, word: W, place: usize) {
        self.0.entry(word).or_default().push_back(place);
    }

    /// Whether there ever was a place of this word.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.0.contains_key(word)
    }

    /// The first place of this word that is open. What is not open never is again.
    pub(crate) fn first(&mut self, word: &str, open: &[bool]) -> Option<usize> {
        let places = self.0.get_mut(word)?;
        while let Some(place) = places.front() {
            if open.get(*place) == Some(&true) {
                return Some(*place);
            }
            places.pop_front();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_open_is_found_and_a_word_stays_known() {
        let mut places = Places::default();
        let mut open = [true; 4];
        for (place, word) in ["a", "b", "a", "a"].into_iter().enumerate() {
            places.add(word, place);
        }
        assert_eq!(places.first("a", &open), Some(0));
        open[0] = false;
        open[2] = false;
        assert_eq!(places.first("a", &open), Some(3));
        open[3] = false;
        assert_eq!(places.first("a", &open), None);
        assert_eq!(places.first("b", &open), Some(1));
        assert!(places.knows("a") && !places.knows("c"));
        assert_eq!(places.first("c", &open), None);
    }
}

//! Whether a text is made of what was said, in order and once. Knows texts alone.

use std::collections::BTreeSet;

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its text, squeezed.
    pub(crate) text: String,
    /// Whether it was said whole: then it stands whole or not at all, unless it is the last.
    pub(crate) whole: bool,
    /// Whether it was said again later: then it stands only if nothing follows.
    pub(crate) repeated: bool,
}

/// The text without white space: targets lay paragraphs out as they like.
pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether the (squeezed) text is made of beginnings of the pieces, in their order, each at most once.
///
/// With `from_within`, it may begin in the middle of a piece: a client that came back late.
pub(crate) fn is_made_of(text: &str, pieces: &[Piece], from_within: bool) -> bool {
    let mut search = Search {
        text,
        pieces,
        seen: BTreeSet::new(),
    };
    if search.fits(0, 0) {
        return true;
    }
    from_within
        && pieces.iter().enumerate().any(|(index, piece)| {
            let starts = piece.text.char_indices().map(|(at, _)| at);
            starts
                .skip(1)
                .any(|at| search.begins_with(&piece.text[at..], index))
        })
}

struct Search<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    seen: BTreeSet<(usize, usize)>,
}

impl Search<'_> {
    /// Whether what is left of the text from `at` is made of the pieces from `index`.
    fn fits(&mut self, at: usize, index: usize) -> bool {
        if at == self.text.len() {
            return true;
        }
        let Some(piece) = self.pieces.get(index) else {
            return false;
        };
        if !self.seen.insert((at, index)) {
            return false;
        }
        let common = shared_beginning(&self.text[at..], &piece.text);
        let uses_up = at + common == self.text.len();
        if common > 0 && (uses_up || self.goes_on(at, index, common)) {
            return true;
        }
        self.fits(at, index + 1)
    }

    /// Whether the text goes on after a beginning of this piece, of at most `common` bytes.
    fn goes_on(&mut self, at: usize, index: usize, common: usize) -> bool {
        let piece = &self.pieces[index];
        if piece.repeated {
            return false;
        }
        if piece.whole {
            return common == piece.text.len() && self.fits(at + common, index + 1);
        }
        let ends = self.text[at..at + common].char_indices().skip(1);
        let ends: Vec<_> = ends.map(|(end, _)| end).chain([common]).collect();
        ends.into_iter()
            .rev()
            .any(|end| self.fits(at + end, index + 1))
    }

    /// Whether the text begins with this rest of a piece, and is made of the pieces after it.
    fn begins_with(&mut self, rest: &str, index: usize) -> bool {
        let common = shared_beginning(self.text, rest);
        common == self.text.len() || (common == rest.len() && self.fits(common, index + 1))
    }
}

/// How many bytes both texts begin with.
fn shared_beginning(one: &str, other: &str) -> usize {
    let equal = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    equal.map(|(c, _)| c.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Piece {
        Piece {
            text: text.to_owned(),
            whole: true,
            repeated: false,
        }
    }

    fn cut(text: &str) -> Piece {
        Piece {
            whole: false,
            ..whole(text)
        }
    }

    fn said_again(text: &str) -> Piece {
        Piece {
            repeated: true,
            ..cut(text)
        }
    }

    #[test]
    fn pieces_stand_in_order_once_and_whole() {
        let pieces = [whole("abc"), whole("def")];
        for text in ["", "abc", "abcdef", "def", "abcd", "ab"] {
            assert!(is_made_of(text, &pieces, false), "{text}");
        }
        for text in ["defabc", "abcabc", "abdef", "abcx", "x"] {
            assert!(!is_made_of(text, &pieces, false), "{text}");
        }
    }

    #[test]
    fn a_piece_that_was_cut_may_stand_in_part_and_one_that_was_repeated_only_last() {
        let pieces = [cut("abc"), whole("xyz")];
        assert!(is_made_of("abxyz", &pieces, false));
        let pieces = [said_again("ab"), whole("abc")];
        assert!(is_made_of("ab", &pieces, false));
        assert!(is_made_of("abc", &pieces, false));
        assert!(!is_made_of("ababc", &pieces, false));
    }

    #[test]
    fn a_late_listener_may_come_in_within_a_piece() {
        let pieces = [whole("abc"), whole("dé")];
        assert!(!is_made_of("cdé", &pieces, false));
        assert!(is_made_of("cdé", &pieces, true));
        assert!(!is_made_of("ca", &pieces, true));
    }
}

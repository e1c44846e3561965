//! Header lines of a request, kept in one piece: a request has a dozen, and most are never looked at. Knows no bytes of a connection.

use std::fmt;

/// Names in lower case and values, in the order in which they came.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    /// All names and values, one after the other.
    text: String,
    /// Where each name and its value end.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// Room for so many lines of so many bytes in all.
    pub(super) fn with_capacity(lines: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(lines),
        }
    }

    /// Adds a line, whatever the case of its name.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        self.text[start..].make_ascii_lowercase();
        let end = self.text.len();
        self.text.push_str(value);
        self.ends.push((end, self.text.len()));
    }

    /// The value of the first line of this name, which is in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.iter().find(|(known, _)| *known == name)?;
        Some(value)
    }

    /// How many lines there are.
    #[cfg(any(test, fuzzing))]
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = self.ends.iter().map(|(_, end)| *end);
        let starts = [0].into_iter().chain(starts);
        let lines = starts.zip(&self.ends);
        lines.map(|(start, (middle, end))| (&self.text[start..*middle], &self.text[*middle..*end]))
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in lines {
            headers.push(name.as_ref(), value.as_ref());
        }
        headers
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order_and_found_by_their_name() {
        let lines = [
            ("Host", "h"),
            ("x-Empty", ""),
            ("Accept", "A"),
            ("accept", "b"),
        ];
        let headers: Headers = lines.into_iter().collect();
        let told: Vec<_> = headers.iter().collect();
        assert_eq!(
            told,
            [
                ("host", "h"),
                ("x-empty", ""),
                ("accept", "A"),
                ("accept", "b")
            ]
        );
        assert_eq!(
            (headers.get("accept"), headers.get("x-empty")),
            (Some("A"), Some(""))
        );
        assert_eq!((headers.get("Accept"), headers.len()), (None, 4));
    }
}

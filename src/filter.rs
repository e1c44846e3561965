//! Choosing scenarios by name and tags: `auth not slow`, `tag:stream | name:cancel/*`. Knows only names and tags.

use scenario::Scenario;
use wildmatch::WildMatch;

/// How many terms may stand inside each other, by `not` and by parentheses.
const DEEPEST: usize = 100;

/// An expression over names and tags.
///
/// Words that stand side by side must all be true, `|` is *or* and binds last, `not` turns one term around, parentheses
/// group. A bare word is part of the name or is a tag; `tag:x` is a tag; `name:glob` is the whole name, with `*` and `?`.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// Part of the name, or a tag.
    Word(String),
    /// A tag.
    Tag(String),
    /// The whole name.
    Name(WildMatch),
}

/// Why an expression cannot be read; finishes "failed to read the filter: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Something should follow.
    #[error("something should follow `{0}`")]
    Incomplete(String),
    /// A parenthesis that is never closed or was never opened.
    #[error("a parenthesis without its partner")]
    Unbalanced,
    /// More terms inside each other than anybody means.
    #[error("it is nested more than {DEEPEST} deep")]
    TooDeep,
    /// A prefix that means nothing.
    #[error("`{0}:` means nothing; there are `tag:` and `name:`")]
    UnknownPrefix(String),
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('|', " | ");
        let mut words = Words {
            words: spaced.split_whitespace().map(str::to_owned).collect(),
            next: 0,
            depth: 0,
        };
        let filter = words.any()?;
        match words.peek() {
            None => Ok(filter),
            Some(_) => Err(FilterError::Unbalanced),
        }
    }
}

struct Words {
    words: Vec<String>,
    next: usize,
    depth: usize,
}

impl Words {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let word = self.words.get(self.next).cloned();
        self.next += 1;
        word
    }

    fn any(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.all()?];
        while self.peek() == Some("|") {
            self.next += 1;
            parts.push(self.all()?);
        }
        Ok(Filter::Any(parts))
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some("|" | ")")) {
            parts.push(self.term()?);
        }
        if parts.is_empty() {
            let before = self
                .next
                .checked_sub(1)
                .and_then(|index| self.words.get(index));
            let before = before.map_or("--filter", String::as_str);
            return Err(FilterError::Incomplete(before.to_owned()));
        }
        Ok(Filter::All(parts))
    }

    fn term(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(FilterError::TooDeep);
        }
        let term = self.term_inside();
        self.depth -= 1;
        term
    }

    fn term_inside(&mut self) -> Result<Filter, FilterError> {
        let word = self.take().expect("the caller has seen a word");
        match word.as_str() {
            "not" if matches!(self.peek(), None | Some("|" | ")")) => {
                Err(FilterError::Incomplete(word))
            }
            "not" => Ok(Filter::Not(Box::new(self.term()?))),
            "(" => {
                let inside = self.any()?;
                match self.take().as_deref() {
                    Some(")") => Ok(inside),
                    _ => Err(FilterError::Unbalanced),
                }
            }
            _ => atom(&word),
        }
    }
}

fn atom(word: &str) -> Result<Filter, FilterError> {
    match word.split_once(':') {
        None => Ok(Filter::Word(word.to_owned())),
        Some((prefix, "")) => Err(FilterError::Incomplete(format!("{prefix}:"))),
        Some(("tag", tag)) => Ok(Filter::Tag(tag.to_owned())),
        Some(("name", glob)) => Ok(Filter::Name(WildMatch::new(glob))),
        Some((prefix, _)) => Err(FilterError::UnknownPrefix(prefix.to_owned())),
    }
}

impl Filter {
    /// Whether the scenario is meant.
    #[must_use]
    pub fn matches(&self, scenario: &Scenario) -> bool {
        self.chooses(&scenario.name, &scenario.tags)
    }

    fn chooses(&self, name: &str, tags: &[String]) -> bool {
        let tagged = |tag: &String| tags.contains(tag);
        match self {
            Self::All(parts) => parts.iter().all(|part| part.chooses(name, tags)),
            Self::Any(parts) => parts.iter().any(|part| part.chooses(name, tags)),
            Self::Not(part) => !part.chooses(name, tags),
            Self::Word(word) => name.contains(word.as_str()) || tagged(word),
            Self::Tag(tag) => tagged(tag),
            Self::Name(glob) => glob.matches(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(expression: &str) -> Vec<&'static str> {
        let scenarios: [(&str, &[&str]); 4] = [
            ("auth/401-first-call", &["auth"]),
            ("cancel/stop-in-stream", &["stream", "stop"]),
            ("stream/cut", &["stream", "tool-call"]),
            ("stream/slow", &["slow"]),
        ];
        let filter: Filter = expression.parse().unwrap();
        let tagged = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        let meant = scenarios
            .iter()
            .filter(|(name, tags)| filter.chooses(name, &tagged(tags)));
        meant.map(|(name, _)| *name).collect()
    }

    #[test]
    fn words_and_tags_and_globs() {
        assert_eq!(chosen("stream").len(), 3);
        assert_eq!(
            chosen("tag:stream"),
            ["cancel/stop-in-stream", "stream/cut"]
        );
        assert_eq!(chosen("name:stream/*"), ["stream/cut", "stream/slow"]);
        assert_eq!(chosen("name:stream"), [""; 0]);
        assert_eq!(chosen("stream not slow not cancel"), ["stream/cut"]);
        assert_eq!(
            chosen("auth | slow"),
            ["auth/401-first-call", "stream/slow"]
        );
        assert_eq!(chosen("not (auth|tag:stream)"), ["stream/slow"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let error = |expression: &str| expression.parse::<Filter>().unwrap_err();
        assert_eq!(error(""), FilterError::Incomplete("--filter".to_owned()));
        assert_eq!(error("a |"), FilterError::Incomplete("|".to_owned()));
        assert_eq!(error("not"), FilterError::Incomplete("not".to_owned()));
        assert_eq!(error("(a"), FilterError::Unbalanced);
        assert_eq!(error("a)"), FilterError::Unbalanced);
        assert_eq!(
            error("tags:x"),
            FilterError::UnknownPrefix("tags".to_owned())
        );
        assert_eq!(error("tag:"), FilterError::Incomplete("tag:".to_owned()));
        assert_eq!(error(&"(".repeat(100_000)), FilterError::TooDeep);
        assert_eq!(error(&"not ".repeat(100_000)), FilterError::TooDeep);
        let wide = "not (a | b) ".repeat(1_000);
        assert!(wide.parse::<Filter>().is_ok());
    }
}

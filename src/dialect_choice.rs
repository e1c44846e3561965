//! Which dialects are meant on a command line or in a profile: names, or all of them. Knows neither scenario nor target.

use std::str::FromStr;

use scenario::Dialect;

/// The word that means every dialect.
const EVERY: &str = "all";

/// One word of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialectChoice {
    /// Every dialect.
    All,
    /// This one.
    One(Dialect),
}

impl FromStr for DialectChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Dialect::ALL.into_iter();
        match all.find(|dialect| dialect.as_str() == text) {
            Some(dialect) => Ok(Self::One(dialect)),
            None if text == EVERY => Ok(Self::All),
            None => {
                let names = Dialect::ALL.map(Dialect::as_str);
                Err(format!("there are {}, and {EVERY}", names.join(", ")))
            }
        }
    }
}

/// The dialects that are meant, each once, in the order of [`Dialect::ALL`].
pub(crate) fn dialects(choices: &[DialectChoice]) -> Vec<Dialect> {
    let meant = |dialect: &Dialect| {
        choices.iter().any(|choice| match choice {
            DialectChoice::All => true,
            DialectChoice::One(one) => one == dialect,
        })
    };
    Dialect::ALL.into_iter().filter(meant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(words: &[&str]) -> Vec<Dialect> {
        let choices: Vec<_> = words
            .iter()
            .map(|word| word.parse().expect("is a choice"))
            .collect();
        dialects(&choices)
    }

    #[test]
    fn names_are_meant_once_and_all_means_all() {
        assert_eq!(
            meant(&["gemini", "openai-chat", "gemini"]),
            [Dialect::OpenaiChat, Dialect::Gemini]
        );
        assert_eq!(meant(&["gemini", "all"]), Dialect::ALL);
        let told = "every".parse::<DialectChoice>().expect_err("is none");
        assert!(
            told.contains("openai-responses") && told.ends_with("and all"),
            "{told}"
        );
    }
}

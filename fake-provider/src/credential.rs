//! The key that a request presents, and what it is called in the journal. The key itself never gets there.

use crate::options::Credential;

/// What a request presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presented {
    /// The key, if there is one.
    pub(crate) key: Option<String>,
    /// What is recorded: the alias of a known key, `unknown`, or `none`.
    pub(crate) alias: String,
    /// Whether the provider refuses it.
    pub(crate) refused: bool,
}

impl Presented {
    /// What a key is. Without known keys everything is accepted.
    pub(crate) fn read(key: Option<String>, known: &[Credential]) -> Self {
        let found = known.iter().find(|known| Some(&known.key) == key.as_ref());
        let alias = match (&key, found) {
            (_, Some(known)) => known.alias.as_str(),
            (Some(_), None) => "unknown",
            (None, None) => "none",
        };
        Self {
            alias: alias.to_owned(),
            refused: found.is_none() && !known.is_empty(),
            key,
        }
    }

    /// A text without this key, even where the provider does not know it.
    pub(crate) fn hidden(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.is_empty() => text.replace(key.as_str(), &self.alias),
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_alias() {
        let known = [Credential {
            alias: "canary-1".into(),
            key: "sk-1".into(),
        }];
        let alias = |key: Option<&str>| {
            let presented = Presented::read(key.map(str::to_owned), &known);
            (presented.alias, presented.refused)
        };
        assert_eq!(alias(Some("sk-1")), ("canary-1".into(), false));
        assert_eq!(alias(Some("sk-2")), ("unknown".into(), true));
        assert_eq!(alias(None), ("none".into(), true));
        assert!(!Presented::read(None, &[]).refused);
    }
}

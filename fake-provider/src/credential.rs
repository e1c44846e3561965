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
    /// Reads an `Authorization` header. Without known keys everything is accepted.
    pub(crate) fn read(authorization: Option<&str>, known: &[Credential]) -> Self {
        let key = authorization.and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| key.trim().to_owned())
        });
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
        let alias = |authorization| {
            let presented = Presented::read(authorization, &known);
            (presented.alias, presented.refused)
        };
        assert_eq!(alias(Some("Bearer sk-1")), ("canary-1".into(), false));
        assert_eq!(alias(Some("bearer  sk-1 ")), ("canary-1".into(), false));
        assert_eq!(alias(Some("Bearer sk-2")), ("unknown".into(), true));
        assert_eq!(alias(Some("Basic sk-1")), ("none".into(), true));
        assert_eq!(alias(None), ("none".into(), true));
        assert!(!Presented::read(None, &[]).refused);
    }
}

//! A value that never shows itself. Knows nothing of where it is sent.

use serde::Deserialize;

/// A credential. Neither `Debug` nor `Display` says it; only [`Secret::expose`] does.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value secret.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.0.is_empty() {
            "(no secret)"
        } else {
            "(secret)"
        })
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn no_formatting_says_the_value() {
        let secret = Secret::new("sk-canary");
        assert_eq!(
            format!("{secret} {secret:?} {secret:#?}"),
            "(secret) (secret) (secret)"
        );
    }
}

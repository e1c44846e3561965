//! What a person reads when something failed: the real cause, without any secret.

use crate::failure::Failure;
use crate::redact::Redactor;

/// Words failures.
pub trait ErrorText: Send + Sync {
    /// The failure as it leaves the agent: its own words and facts.
    fn explain(&self, failure: Failure) -> Failure {
        failure
    }

    /// The text without any known secret.
    fn redact(&self, redactor: &Redactor, text: &str) -> String {
        redactor.redact(text)
    }
}

/// Says the cause, keeps the secret.
#[derive(Debug, Default, Clone, Copy)]
pub struct HonestText;

impl ErrorText for HonestText {}

/// A failure that may leave the agent.
#[must_use]
pub(crate) fn presentable(text: &dyn ErrorText, redactor: &Redactor, failure: Failure) -> Failure {
    let failure = text.explain(failure);
    Failure {
        message: text.redact(redactor, &failure.message),
        provider_code: failure
            .provider_code
            .map(|code| text.redact(redactor, &code)),
        ..failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use crate::failure::FailureCode;

    #[test]
    fn a_key_that_the_provider_echoes_stays_inside() {
        let redactor = Redactor::new([&Secret::new("sk-canary-1")]);
        let failure = Failure {
            provider_code: Some("bad:sk-canary-1".to_owned()),
            ..Failure::new(
                FailureCode::Auth,
                "Incorrect API key provided: sk-canary-1 (HTTP 401)",
            )
        };
        let shown = presentable(&HonestText, &redactor, failure);
        assert_eq!(
            shown.message,
            "Incorrect API key provided: [redacted] (HTTP 401)"
        );
        assert_eq!(shown.provider_code.as_deref(), Some("bad:[redacted]"));
    }
}

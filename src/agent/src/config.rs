//! What an agent is told before it starts. Immutable once shared: there is no setter, and nobody holds it mutably.
//!
//! Knows neither files nor the environment (reading those is `settings`), and no client.

mod budgets;
mod dialect;
mod digest;
mod seconds;
mod secret;

use std::path::PathBuf;

use serde::Deserialize;

pub use budgets::{Budgets, RetryBudget, Timeouts};
pub use dialect::Dialect;
pub use secret::Secret;

/// Everything an agent needs to know, shared as `Arc<AgentConfig>`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentConfig {
    /// The protocol that the provider at `base_url` speaks.
    pub dialect: Dialect,
    /// Base URL of the provider's API. For the OpenAI dialects with its version (`https://api.openai.com/v1`), for the others
    /// without (`https://api.anthropic.com`).
    pub base_url: String,
    /// The credential, sent in whichever header the dialect wants it.
    pub api_key: Secret,
    /// Further credentials for the same endpoint, tried once each when one is refused.
    pub extra_api_keys: Vec<Secret>,
    /// Reach the provider at `base_url` over this Unix socket instead of the network.
    pub unix_socket: Option<PathBuf>,
    /// Certificates (PEM) of further authorities that may vouch for an `https` provider, besides those of this machine.
    pub ca_file: Option<PathBuf>,
    /// The model to ask for.
    pub model: String,
    /// Most tokens of one answer; without it the provider's own limit, and 8192 where a dialect demands to be told one.
    pub max_tokens: Option<u32>,
    /// Whether answers are streamed.
    pub streaming: bool,
    /// The root that `list` and `read` cannot leave.
    pub workspace: PathBuf,
    /// The file that `effect` appends to.
    pub ledger: PathBuf,
    /// Directory of stored sessions; without it they live as long as the process.
    pub sessions: Option<PathBuf>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How often a provider call is attempted, and how long between attempts.
    pub retry: RetryBudget,
    /// How much one turn may spend.
    pub budgets: Budgets,
    /// Where to go when the endpoint above gave up, in this order.
    pub fallback: Vec<FallbackEndpoint>,
    /// Most bytes that one response may have.
    pub max_response_bytes: usize,
}

/// Another endpoint with its own credential and model. Nothing is inherited: a key never goes to a host it is not for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackEndpoint {
    /// The protocol that it speaks.
    #[serde(default)]
    pub dialect: Dialect,
    /// Base URL of its API.
    pub base_url: String,
    /// Its credential.
    pub api_key: Secret,
    /// The model to ask it for.
    pub model: String,
    /// Reach it over this Unix socket.
    #[serde(default)]
    pub unix_socket: Option<PathBuf>,
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            base_url: Dialect::default().default_base_url().to_owned(),
            api_key: Secret::default(),
            extra_api_keys: Vec::new(),
            unix_socket: None,
            ca_file: None,
            model: "gpt-4o-mini".to_owned(),
            max_tokens: None,
            streaming: true,
            workspace: PathBuf::from("."),
            ledger: PathBuf::from("effects.log"),
            sessions: None,
            timeouts: Timeouts::default(),
            retry: RetryBudget::default(),
            budgets: Budgets::default(),
            fallback: Vec::new(),
            max_response_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Why a configuration cannot be used. The text finishes "failed to use the configuration: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A URL that no request can be sent to.
    #[error("`{field}` is not an http or https URL")]
    Url {
        /// The field's path in the file.
        field: String,
    },
    /// A number that leaves no room to act.
    #[error("`{field}` must be at least {least}")]
    TooSmall {
        /// The field's path in the file.
        field: &'static str,
        /// The least value that makes sense.
        least: &'static str,
    },
}

impl AgentConfig {
    /// Checks what types cannot: URLs and numbers without which nothing could ever be attempted.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        check_url("base_url", &self.base_url)?;
        for (index, endpoint) in self.fallback.iter().enumerate() {
            check_url(&format!("fallback[{index}].base_url"), &endpoint.base_url)?;
        }
        self.timeouts.check()?;
        self.retry.check()?;
        self.budgets.check()?;
        if self.max_tokens == Some(0) {
            return Err(ConfigError::TooSmall {
                field: "max_tokens",
                least: "1",
            });
        }
        if self.max_response_bytes < 1024 {
            return Err(ConfigError::TooSmall {
                field: "max_response_bytes",
                least: "1024",
            });
        }
        Ok(())
    }

    /// Every secret in here, for redaction.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.api_key)
            .chain(&self.extra_api_keys)
            .chain(self.fallback.iter().map(|endpoint| &endpoint.api_key))
    }

    /// A short digest of every field, secrets included, so that a change of any of them can be seen without saying them.
    #[must_use]
    pub fn digest(&self) -> String {
        digest::of(self)
    }
}

fn check_url(field: &str, url: &str) -> Result<(), ConfigError> {
    let usable = reqwest::Url::parse(url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        Ok(())
    } else {
        Err(ConfigError::Url {
            field: field.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_used() {
        assert_eq!(AgentConfig::default().check(), Ok(()));
    }

    #[test]
    fn the_file_form_refuses_a_field_that_does_not_exist() {
        let error = toml::from_str::<AgentConfig>("modle = \"x\"").unwrap_err();
        assert!(error.to_string().contains("modle"), "{error}");
    }

    #[test]
    fn the_file_form_reads_seconds() {
        let config: AgentConfig =
            toml::from_str("[timeouts]\nidle = 0.5\n[retry]\nattempts = 5").unwrap();
        assert_eq!(config.timeouts.idle, std::time::Duration::from_millis(500));
        assert_eq!(config.retry.attempts, 5);
    }

    #[test]
    fn what_could_never_be_attempted_is_refused() {
        let mut config = AgentConfig {
            base_url: "localhost:80".to_owned(),
            ..AgentConfig::default()
        };
        assert_eq!(
            config.check(),
            Err(ConfigError::Url {
                field: "base_url".to_owned()
            })
        );
        config = AgentConfig::default();
        config.retry.attempts = 0;
        assert!(matches!(
            config.check(),
            Err(ConfigError::TooSmall {
                field: "retry.attempts",
                ..
            })
        ));
    }
}

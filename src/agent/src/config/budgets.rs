//! The limits of one agent: time, attempts, rounds. Plain numbers; who enforces one is said at its field.

use std::time::Duration;

use serde::Deserialize;

use super::{ConfigError, seconds};

/// How long to wait for what. In files: seconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Making a connection.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub connect: Duration,
    /// From sending a request to the first data of its answer.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub first_byte: Duration,
    /// Between two pieces of *data*; comments and keep-alives do not count.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub idle: Duration,
    /// One tool.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub tool: Duration,
    /// The whole run, waits included.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub run: Duration,
    /// What shutdown waits for tasks before it gives them up.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub shutdown: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            tool: Duration::from_secs(60),
            run: Duration::from_secs(1800),
            shutdown: Duration::from_secs(10),
        }
    }
}

impl Timeouts {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let limits = [
            ("timeouts.connect", self.connect),
            ("timeouts.first_byte", self.first_byte),
            ("timeouts.idle", self.idle),
            ("timeouts.tool", self.tool),
            ("timeouts.run", self.run),
        ];
        match limits.into_iter().find(|(_, limit)| limit.is_zero()) {
            Some((field, _)) => Err(ConfigError::TooSmall {
                field,
                least: "some time",
            }),
            None => Ok(()),
        }
    }
}

/// Attempts of one provider call at one endpoint, and the waits between them. In files: seconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryBudget {
    /// Most attempts of one call, the first included.
    pub attempts: u32,
    /// Wait before the second attempt; doubled for each further one.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub backoff_base: Duration,
    /// Longest wait of our own choosing.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub backoff_cap: Duration,
    /// Longest wait that a provider may ask for; beyond it the call is given up rather than retried early.
    #[serde(deserialize_with = "seconds::deserialize")]
    pub retry_after_cap: Duration,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(8),
            retry_after_cap: Duration::from_secs(120),
        }
    }
}

impl RetryBudget {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.attempts == 0 {
            return Err(ConfigError::TooSmall {
                field: "retry.attempts",
                least: "1",
            });
        }
        if self.backoff_base.is_zero() {
            return Err(ConfigError::TooSmall {
                field: "retry.backoff_base",
                least: "some time",
            });
        }
        Ok(())
    }
}

/// What one turn may spend.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budgets {
    /// Most provider calls of one turn, each answering the tools of the one before.
    pub max_rounds: u32,
    /// Most times an answer cut at the token limit is continued.
    pub continuations: u32,
    /// Tokens (estimated) of history beyond which it is compacted.
    pub context_tokens: usize,
    /// Most compactions of one turn.
    pub compactions: u32,
    /// Most answers in a row whose tool calls could not be run.
    pub refused_rounds: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            max_rounds: 40,
            continuations: 2,
            context_tokens: 100_000,
            compactions: 2,
            refused_rounds: 3,
        }
    }
}

impl Budgets {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.max_rounds == 0 {
            return Err(ConfigError::TooSmall {
                field: "budgets.max_rounds",
                least: "1",
            });
        }
        if self.context_tokens < 100 {
            return Err(ConfigError::TooSmall {
                field: "budgets.context_tokens",
                least: "100",
            });
        }
        Ok(())
    }
}

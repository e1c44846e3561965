//! What a gateway is told before it starts. Plain values; who enforces one is said at its field.

use std::time::Duration;

use super::event_log::LogBound;
use super::runs::RunLimits;
use crate::config::Secret;

/// Fewest bytes of a key, as in hermes-agent.
pub const KEY_LENGTH_MIN: usize = 16;

/// Everything a gateway needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySettings {
    /// What clients present as a bearer token.
    pub key: Secret,
    /// Most bytes of a request body.
    pub max_body_bytes: usize,
    /// Idle time after which a reader of events is sent a comment.
    pub keepalive: Duration,
    /// How long shutdown waits for runs to finish by themselves.
    pub drain: Duration,
    /// How long shutdown then waits for runs to obey, and after that for connections to take what is left.
    pub grace: Duration,
    /// How many runs, and for how long they are remembered.
    pub runs: RunLimits,
    /// How much of one run's progress is kept.
    pub log: LogBound,
}

/// Why a gateway cannot use its settings. The text finishes "failed to start the gateway: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no key.
    #[error(
        "no key is set: clients must present one (set API_SERVER_KEY, or `key` under `[gateway]`)"
    )]
    Missing,
    /// The key could be guessed.
    #[error("the key has fewer than {KEY_LENGTH_MIN} characters")]
    TooShort,
}

impl GatewaySettings {
    /// The settings that ship, with this key.
    ///
    /// # Errors
    /// The key is missing or too short.
    pub fn new(key: Secret) -> Result<Self, KeyError> {
        if key.expose().trim().is_empty() {
            return Err(KeyError::Missing);
        }
        if key.expose().len() < KEY_LENGTH_MIN {
            return Err(KeyError::TooShort);
        }
        Ok(Self {
            key,
            max_body_bytes: 10_000_000,
            keepalive: Duration::from_secs(30),
            // Together below the ten seconds that supervisors usually leave between asking and killing.
            drain: Duration::from_secs(5),
            grace: Duration::from_secs(2),
            runs: RunLimits {
                concurrent: 10,
                kept_for: Duration::from_secs(3600),
                kept_runs: 1000,
                kept_bytes: 256 * 1024 * 1024,
            },
            // Beyond any answer that a provider call is allowed to be, counted with the overhead of small deltas.
            log: LogBound {
                frames: 1_000_000,
                bytes: 64 * 1024 * 1024,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        let with = |key: &str| GatewaySettings::new(Secret::new(key)).map(|_| ());
        assert_eq!(with(" "), Err(KeyError::Missing));
        assert_eq!(with("fifteen-letters"), Err(KeyError::TooShort));
        assert_eq!(with("sixteen--letters"), Ok(()));
    }
}

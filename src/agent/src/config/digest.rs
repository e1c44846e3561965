//! A digest over a whole configuration. Knows no client: it only lets two states of a configuration be compared.

use sha2::{Digest, Sha256};

use super::AgentConfig;

/// `Debug` lists every field but hides secrets, so those are fed beside it; a new field cannot be forgotten.
pub(super) fn of(config: &AgentConfig) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{config:?}"));
    for secret in config.secrets() {
        hash.update([0]);
        hash.update(secret.expose());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::config::{AgentConfig, Secret};

    #[test]
    fn any_change_is_seen_a_secret_one_too() {
        let one = AgentConfig::default();
        let other = AgentConfig {
            api_key: Secret::new("sk-1"),
            ..AgentConfig::default()
        };
        let third = AgentConfig {
            api_key: Secret::new("sk-2"),
            ..AgentConfig::default()
        };
        assert_eq!(one.digest(), AgentConfig::default().digest());
        assert_ne!(one.digest(), other.digest());
        assert_ne!(other.digest(), third.digest());
        assert_ne!(
            one.digest(),
            AgentConfig {
                streaming: false,
                ..AgentConfig::default()
            }
            .digest()
        );
    }
}

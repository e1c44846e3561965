//! Where a call goes: an address, the credential that belongs to it, and the model that lives there.

use std::path::PathBuf;

use crate::config::{AgentConfig, Secret};
use crate::registry::TransportPlan;

/// One address with one credential.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Endpoint {
    /// Base URL of the API.
    pub base_url: String,
    /// The credential that belongs to it.
    pub credential: Secret,
    /// The model to ask for.
    pub model: String,
    /// The socket to reach it over, instead of the network.
    pub unix_socket: Option<PathBuf>,
    /// Whether this is the same address as the one before, with another credential.
    pub rotation: bool,
}

impl Endpoint {
    /// Where calls of this configuration go, in order. `model` takes the place of the configured one on the first
    /// address only: no other provider is asked for a model that it was not configured with.
    #[must_use]
    pub(crate) fn chain(config: &AgentConfig, model: Option<&str>) -> Vec<Self> {
        let first = std::iter::once((&config.api_key, false))
            .chain(config.extra_api_keys.iter().map(|key| (key, true)));
        let own = first.map(|(credential, rotation)| Self {
            base_url: config.base_url.clone(),
            credential: credential.clone(),
            model: model.unwrap_or(&config.model).to_owned(),
            unix_socket: config.unix_socket.clone(),
            rotation,
        });
        let fallback = config.fallback.iter().map(|endpoint| Self {
            base_url: endpoint.base_url.clone(),
            credential: endpoint.api_key.clone(),
            model: endpoint.model.clone(),
            unix_socket: endpoint.unix_socket.clone(),
            rotation: false,
        });
        own.chain(fallback).collect()
    }

    /// How its transport is opened.
    #[must_use]
    pub(crate) fn plan(&self, config: &AgentConfig) -> TransportPlan {
        TransportPlan {
            unix_socket: self.unix_socket.clone(),
            connect: config.timeouts.connect,
            tls: self.base_url.starts_with("https:"),
        }
    }

    /// The URL of a route below the base.
    #[must_use]
    pub(crate) fn url(&self, route: &str) -> String {
        format!("{}/{route}", self.base_url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FallbackEndpoint;

    #[test]
    fn each_address_keeps_its_own_credential_and_model() {
        let config = AgentConfig {
            base_url: "http://a/v1/".to_owned(),
            api_key: Secret::new("key-a"),
            extra_api_keys: vec![Secret::new("key-a2")],
            fallback: vec![FallbackEndpoint {
                base_url: "http://b/v1".to_owned(),
                api_key: Secret::new("key-b"),
                model: "model-b".to_owned(),
                unix_socket: None,
            }],
            ..AgentConfig::default()
        };
        let chain = Endpoint::chain(&config, Some("other"));
        let seen: Vec<_> = chain
            .iter()
            .map(|at| {
                (
                    at.url("models"),
                    at.credential.expose(),
                    at.model.as_str(),
                    at.rotation,
                )
            })
            .collect();
        let expected = [
            ("http://a/v1/models".to_owned(), "key-a", "other", false),
            ("http://a/v1/models".to_owned(), "key-a2", "other", true),
            ("http://b/v1/models".to_owned(), "key-b", "model-b", false),
        ];
        assert_eq!(seen, expected);
    }
}

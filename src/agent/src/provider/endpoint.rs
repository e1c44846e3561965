//! Where a call goes: an address, the credential that belongs to it, and the model that lives there.

use std::path::PathBuf;

use bytes::Bytes;
use reqwest::Method;

use super::protocol;
use super::question::Question;
use crate::config::{AgentConfig, Dialect, Secret};
use crate::registry::{Credential, Outgoing, TransportPlan};

/// One address with one credential.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Endpoint {
    /// The protocol that is spoken there.
    pub dialect: Dialect,
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
            dialect: config.dialect,
            base_url: config.base_url.clone(),
            credential: credential.clone(),
            model: model.unwrap_or(&config.model).to_owned(),
            unix_socket: config.unix_socket.clone(),
            rotation,
        });
        let fallback = config.fallback.iter().map(|endpoint| Self {
            dialect: endpoint.dialect,
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
            ca_file: config.ca_file.clone(),
        }
    }

    /// The request that asks this question here.
    #[must_use]
    pub(crate) fn request(&self, question: &Question, purpose: &'static str) -> Outgoing {
        let protocol = protocol::of(self.dialect);
        let route = protocol.route(&self.model, question.streaming);
        Outgoing {
            method: Method::POST,
            url: protocol::url(&self.base_url, &route),
            credential: Credential {
                header: protocol.credential(),
                key: self.credential.clone(),
            },
            headers: protocol.headers(),
            accept: if question.streaming {
                protocol.framing().media_type()
            } else {
                "application/json"
            },
            purpose,
            body: Some(Bytes::from(
                protocol.body(question, &self.model).to_string(),
            )),
        }
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
                dialect: Dialect::OpenaiResponses,
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
                    at.dialect.name(),
                    at.base_url.as_str(),
                    at.credential.expose(),
                    at.model.as_str(),
                    at.rotation,
                )
            })
            .collect();
        let expected = [
            ("openai-chat", "http://a/v1/", "key-a", "other", false),
            ("openai-chat", "http://a/v1/", "key-a2", "other", true),
            ("openai-responses", "http://b/v1", "key-b", "model-b", false),
        ];
        assert_eq!(seen, expected);
    }
}

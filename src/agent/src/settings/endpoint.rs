//! Which provider is asked, out of arguments, environment and file. Pure.
//!
//! Each dialect has the variables of its own SDKs: a key never goes to a provider that it is not for.

use super::{Environment, Overrides, SettingsError};
use crate::config::{AgentConfig, Dialect, Secret};

/// The environment variables that name the base URL and the key of a provider that speaks this dialect.
///
/// Source: the SDKs of OpenAI, Anthropic and Ollama for Python; `google-genai`, `_api_client.py`.
const fn variables(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiResponses => ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
        Dialect::AnthropicMessages => ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
        Dialect::Gemini => ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
        Dialect::Ollama => ("OLLAMA_HOST", "OLLAMA_API_KEY"),
    }
}

/// Names the dialect when no argument does.
const DIALECT_VARIABLE: &str = "REFERENCE_AGENT_DIALECT";

/// Decides dialect, address and key of `agent`.
///
/// # Errors
/// There is no such dialect.
pub(super) fn decide(
    agent: &mut AgentConfig,
    overrides: &Overrides,
    environment: &Environment,
) -> Result<(), SettingsError> {
    let variable = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    if let Some(name) = variable(DIALECT_VARIABLE) {
        agent.dialect = Dialect::find(name).ok_or_else(|| SettingsError::Dialect(name.clone()))?;
    }
    agent.dialect = overrides.dialect.unwrap_or(agent.dialect);
    let (url, key) = variables(agent.dialect);
    if let Some(url) = variable(url) {
        agent.base_url = with_scheme(url, agent.dialect);
    }
    if let Some(key) = variable(key) {
        agent.api_key = Secret::new(key);
    }
    // An address that nobody gave is the default of another dialect.
    if agent.base_url == AgentConfig::default().base_url {
        agent
            .dialect
            .default_base_url()
            .clone_into(&mut agent.base_url);
    }
    Ok(())
}

/// Whether the provider certainly wants a key and there is none. A provider of one's own may well need none.
pub(super) fn lacks_key(agent: &AgentConfig) -> Option<SettingsError> {
    let public = agent.base_url == agent.dialect.default_base_url();
    let lacks = public && agent.api_key.is_empty() && agent.dialect != Dialect::Ollama;
    lacks.then(|| SettingsError::NoApiKey(variables(agent.dialect).1))
}

/// `OLLAMA_HOST` may be a bare host and port.
fn with_scheme(url: &str, dialect: Dialect) -> String {
    if dialect == Dialect::Ollama && !url.contains("://") {
        format!("http://{url}")
    } else {
        url.to_owned()
    }
}

//! From arguments, environment and configuration file to what the agent and its gateway are told. Pure: the caller reads
//! the file and the environment.
//!
//! An argument beats the environment, the environment beats the file, the file beats the default.

mod endpoint;
mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::{AgentConfig, ConfigError, Dialect, Secret};
use crate::gateway::{GatewaySettings, KeyError};

use file::SettingsFile;

/// Names the configuration file when no argument does.
pub(crate) const CONFIG_VARIABLE: &str = "REFERENCE_AGENT_CONFIG";

/// The port of hermes-agent's API server, so that its clients find this one.
const DEFAULT_PORT: u16 = 8642;

/// What the command line says about settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// The protocol that the provider speaks.
    pub dialect: Option<Dialect>,
    /// Root that `list` and `read` cannot leave.
    pub workspace: Option<PathBuf>,
    /// Model to ask for.
    pub model: Option<String>,
    /// Ask for answers in one piece.
    pub no_stream: bool,
    /// Where the gateway listens: `HOST:PORT` or `unix:PATH`.
    pub listen: Option<String>,
}

/// Environment variables, by name. Empty ones count as not set.
pub(crate) type Environment = BTreeMap<String, String>;

/// A configuration file that somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileText<'a> {
    /// Where it was, for messages.
    pub path: &'a Path,
    /// What was in it.
    pub text: &'a str,
}

/// Where the gateway listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    /// `host:port`, not resolved yet. Port 0 takes any free one.
    Tcp(String),
    /// Path of a Unix socket.
    Unix(PathBuf),
}

/// Everything that is configured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// What the agent is told.
    pub agent: AgentConfig,
    /// Where the gateway listens.
    pub listen: ListenAddress,
    gateway_key: Secret,
    max_concurrent_runs: Option<usize>,
}

/// Why there are no settings. The text finishes "failed to load the settings: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file says something that cannot be understood.
    #[error("{path}:{line}: {message}")]
    File {
        /// The file.
        path: String,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// `API_SERVER_PORT` is not a port.
    #[error("`{0}` in API_SERVER_PORT is not a port number")]
    Port(String),
    /// `--listen` is not an address.
    #[error("`{0}` is not an address to listen on: expected HOST:PORT or unix:PATH")]
    Listen(String),
    /// `REFERENCE_AGENT_DIALECT` is no dialect.
    #[error("`{0}` in REFERENCE_AGENT_DIALECT is not a dialect: expected one of {names}", names = Dialect::ALL.map(Dialect::name).join(", "))]
    Dialect(String),
    /// The default provider needs a key. The field is the variable that would name it.
    #[error("no API key is set (set {0}, or `api_key` under `[agent]`)")]
    NoApiKey(&'static str),
    /// The agent cannot use what it would be told.
    #[error(transparent)]
    Agent(#[from] ConfigError),
}

impl Settings {
    /// Puts the settings together.
    ///
    /// # Errors
    /// The first thing that cannot be understood or used.
    pub(crate) fn load(
        overrides: &Overrides,
        environment: &Environment,
        file: Option<FileText<'_>>,
    ) -> Result<Self, SettingsError> {
        let file = file.map_or_else(|| Ok(SettingsFile::default()), SettingsFile::read)?;
        let variable = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let mut agent = file.agent;
        endpoint::decide(&mut agent, overrides, environment)?;
        agent.workspace = overrides.workspace.clone().unwrap_or(agent.workspace);
        agent.model = overrides.model.clone().unwrap_or(agent.model);
        agent.streaming = agent.streaming && !overrides.no_stream;
        agent.check()?;
        if let Some(lacking) = endpoint::lacks_key(&agent) {
            return Err(lacking);
        }
        let gateway = file.gateway;
        let port = match variable("API_SERVER_PORT") {
            Some(text) => Some(
                text.parse()
                    .map_err(|_| SettingsError::Port(text.clone()))?,
            ),
            None => gateway.port,
        };
        let host = variable("API_SERVER_HOST").cloned().or(gateway.host);
        Ok(Self {
            agent,
            listen: listen_address(overrides.listen.as_deref(), host, port)?,
            gateway_key: variable("API_SERVER_KEY")
                .map(Secret::new)
                .unwrap_or(gateway.key),
            max_concurrent_runs: gateway.max_concurrent_runs,
        })
    }

    /// Every secret in here, for redaction.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.agent
            .secrets()
            .chain(std::iter::once(&self.gateway_key))
    }

    /// What the gateway is told. Asked for only by those who serve, because only they need a key.
    ///
    /// # Errors
    /// The key is missing or too short.
    pub(crate) fn gateway(&self) -> Result<GatewaySettings, KeyError> {
        let mut settings = GatewaySettings::new(self.gateway_key.clone())?;
        if let Some(limit) = self.max_concurrent_runs {
            settings.runs.concurrent = limit;
        }
        Ok(settings)
    }
}

fn listen_address(
    argument: Option<&str>,
    host: Option<String>,
    port: Option<u16>,
) -> Result<ListenAddress, SettingsError> {
    let Some(text) = argument else {
        let host = host.unwrap_or_else(|| "127.0.0.1".to_owned());
        let port = port.unwrap_or(DEFAULT_PORT);
        let bare_v6 = host.contains(':') && !host.starts_with('[');
        let host = if bare_v6 { format!("[{host}]") } else { host };
        return Ok(ListenAddress::Tcp(format!("{host}:{port}")));
    };
    if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Ok(ListenAddress::Unix(PathBuf::from(path)));
    }
    let usable = text
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if usable {
        Ok(ListenAddress::Tcp(text.to_owned()))
    } else {
        Err(SettingsError::Listen(text.to_owned()))
    }
}

#[cfg(test)]
mod tests;

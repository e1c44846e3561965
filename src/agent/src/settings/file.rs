//! The configuration file: TOML, two tables, nothing unknown. Reads text, not files.

use serde::Deserialize;

use super::{FileText, SettingsError};
use crate::config::{AgentConfig, Secret};

/// What a configuration file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SettingsFile {
    pub(super) agent: AgentConfig,
    pub(super) gateway: GatewayTable,
}

/// The table `[gateway]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GatewayTable {
    pub(super) key: Secret,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    /// 0 switches the limit off.
    pub(super) max_concurrent_runs: Option<usize>,
}

impl SettingsFile {
    /// Reads a file. The message names the line but does not quote it: the line may hold a key.
    pub(super) fn read(file: FileText<'_>) -> Result<Self, SettingsError> {
        toml::from_str(file.text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = file.text.as_bytes().iter().take(start);
            SettingsError::File {
                path: file.path.display().to_string(),
                line: before.filter(|byte| **byte == b'\n').count() + 1,
                message: error.message().replace('\n', " "),
            }
        })
    }
}

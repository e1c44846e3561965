//! The list of models, asked for through the primary.

use serde_json::Value;

use crate::clock::Clock;
use crate::config::AgentConfig;
use crate::failure::Failure;
use crate::provider::read_document;
use crate::registry::PrimaryClient;

/// The ids of the provider's models, in its order.
pub(super) async fn ask(
    primary: &dyn PrimaryClient,
    config: &AgentConfig,
    clock: &dyn Clock,
) -> Result<Vec<String>, Failure> {
    let asked = primary.models(&config.base_url, &config.api_key);
    let list = read_document(asked, config, clock.now()).await?;
    let models = list
        .get("data")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    Ok(models
        .iter()
        .filter_map(|model| model.get("id")?.as_str())
        .map(str::to_owned)
        .collect())
}

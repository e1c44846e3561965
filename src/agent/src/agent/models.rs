//! The list of models, asked for through the primary.

use crate::clock::Clock;
use crate::config::AgentConfig;
use crate::failure::Failure;
use crate::provider::{model_names, models_request, read_document};
use crate::registry::PrimaryClient;

/// The ids of the provider's models, in its order.
pub(super) async fn ask(
    primary: &dyn PrimaryClient,
    config: &AgentConfig,
    clock: &dyn Clock,
) -> Result<Vec<String>, Failure> {
    let request = models_request(config.dialect, &config.base_url, &config.api_key);
    let list = read_document(primary.models(request), config, clock.now()).await?;
    Ok(model_names(config.dialect, &list))
}

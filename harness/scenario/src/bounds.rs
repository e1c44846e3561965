//! How long and how often things may happen in a case. Knows nothing of who keeps to it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::HumanDuration;

/// The bounds of a case, on its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Every run ends within this.
    pub run: HumanDuration,
    /// After a stop, the upstream connection ends within this.
    pub abort: HumanDuration,
    /// After shutdown was asked for, the target is gone within this.
    pub shutdown: HumanDuration,
    /// A call makes at most so many attempts, over all layers.
    pub attempts_per_call: u32,
    /// A `Retry-After` is honoured up to this; a longer one may be answered by giving up.
    pub retry_after_cap: HumanDuration,
}

impl Default for Bounds {
    /// Generous, since real time has to live with them too: a violation is to be a hang or a hot loop, not a slow machine.
    fn default() -> Self {
        let seconds = |seconds| HumanDuration(Duration::from_secs(seconds));
        Self {
            run: seconds(600),
            abort: seconds(2),
            shutdown: seconds(30),
            attempts_per_call: 6,
            retry_after_cap: seconds(600),
        }
    }
}

/// Bounds that differ from the usual ones for a target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundsOverrides {
    /// Every run ends within this.
    pub run: Option<HumanDuration>,
    /// After a stop, the upstream connection ends within this.
    pub abort: Option<HumanDuration>,
    /// After shutdown was asked for, the target is gone within this.
    pub shutdown: Option<HumanDuration>,
    /// A call makes at most so many attempts, over all layers.
    pub attempts_per_call: Option<u32>,
    /// A `Retry-After` is honoured up to this.
    pub retry_after_cap: Option<HumanDuration>,
}

impl BoundsOverrides {
    /// The usual bounds, but for what is said here.
    #[must_use]
    pub fn applied(&self) -> Bounds {
        let usual = Bounds::default();
        Bounds {
            run: self.run.unwrap_or(usual.run),
            abort: self.abort.unwrap_or(usual.abort),
            shutdown: self.shutdown.unwrap_or(usual.shutdown),
            attempts_per_call: self.attempts_per_call.unwrap_or(usual.attempts_per_call),
            retry_after_cap: self.retry_after_cap.unwrap_or(usual.retry_after_cap),
        }
    }
}

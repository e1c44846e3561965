//! What one scenario demands, beyond the rules that hold for all.

use serde::{Deserialize, Serialize};
use wire_faults::HumanDuration;

use crate::place::Place;
use crate::step::TerminalName;

/// One demand, with its place in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Its key as it is written: `terminal`, `tool_runs.list`, `policy.provider_requests`, …
    pub key: String,
    /// The run it is about; every run of the scenario unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u32>,
    /// What is demanded.
    pub expected: Expected,
    /// Whether it says how the reference agent does it; of other targets it is only observed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub policy: bool,
    /// Where it is written.
    pub place: Place,
}

/// What is demanded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// The run ends like this.
    Terminal(TerminalName),
    /// The answer is exactly this.
    Output(String),
    /// The answer contains this.
    OutputContains(String),
    /// The error contains this.
    ErrorContains(String),
    /// This neutral tool ran so often, over the whole case.
    ToolRuns {
        /// `list`, `read` or `effect`.
        tool: String,
        /// How often.
        times: u32,
    },
    /// The effect ledger has exactly these lines.
    Effects(Vec<String>),
    /// The tokens that the run reports.
    Usage {
        /// Read.
        input: u64,
        /// Written.
        output: u64,
    },
    /// So many requests reached the provider, auxiliary ones and model lists not counted.
    ProviderRequests(u32),
    /// From the first request to the ending at least so much time passed, on the case's clock.
    TakesAtLeast(HumanDuration),
    /// From the turn to the ending at most so much time passed, on the case's clock.
    TakesAtMost(HumanDuration),
}

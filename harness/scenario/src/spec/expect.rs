//! Expectations as they are written.

use std::collections::BTreeMap;

use provider_script::Usage;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use wire_faults::HumanDuration;

use crate::step::TerminalName;

/// What must be true. What is said of a run here is said of every run of the file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Expect")]
pub(crate) struct ExpectSpec {
    /// The run ends like this.
    #[serde(default)]
    #[schemars(with = "Option<TerminalName>")]
    pub(crate) terminal: Option<Spanned<TerminalName>>,
    /// The answer is exactly this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output: Option<Spanned<String>>,
    /// The answer contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output_contains: Option<Spanned<String>>,
    /// The error contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) error_contains: Option<Spanned<String>>,
    /// The tokens that the run reports.
    #[serde(default)]
    #[schemars(with = "Option<Usage>")]
    pub(crate) usage: Option<Spanned<Usage>>,
    /// How often each tool runs, over the whole case.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, u32>")]
    pub(crate) tool_runs: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// The lines of the effect ledger, over the whole case.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) effects: Option<Spanned<Vec<String>>>,
    /// What must be true of single runs, where there are several.
    #[serde(default)]
    #[schemars(with = "Vec<RunExpectSpec>")]
    pub(crate) runs: Vec<Spanned<RunExpectSpec>>,
    /// How the reference agent does it; of other targets this is only observed.
    #[serde(default)]
    pub(crate) policy: Option<PolicySpec>,
}

/// What must be true of one run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExpectRun")]
pub(crate) struct RunExpectSpec {
    /// Which run, counted from 1: the n-th `say` of the file.
    #[schemars(with = "u32", range(min = 1))]
    pub(crate) run: Spanned<u32>,
    /// The run ends like this.
    #[serde(default)]
    #[schemars(with = "Option<TerminalName>")]
    pub(crate) terminal: Option<Spanned<TerminalName>>,
    /// The answer is exactly this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output: Option<Spanned<String>>,
    /// The answer contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output_contains: Option<Spanned<String>>,
    /// The error contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) error_contains: Option<Spanned<String>>,
    /// The tokens that the run reports.
    #[serde(default)]
    #[schemars(with = "Option<Usage>")]
    pub(crate) usage: Option<Spanned<Usage>>,
    /// How the reference agent does it; of other targets this is only observed. Without `tool_runs` and `effects`, which
    /// are about the whole case.
    #[serde(default)]
    pub(crate) policy: Option<PolicySpec>,
}

/// How the reference agent does it: where honest agents may differ, such as whether a retry saves the run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Policy")]
pub(crate) struct PolicySpec {
    /// So many requests reach the provider; auxiliary ones, model lists and the probe not counted.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub(crate) provider_requests: Option<Spanned<u32>>,
    /// At least so much time passes from the first request to the ending.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub(crate) takes_at_least: Option<Spanned<HumanDuration>>,
    /// At most so much time passes from the turn to the ending.
    #[serde(default)]
    #[schemars(with = "Option<HumanDuration>")]
    pub(crate) takes_at_most: Option<Spanned<HumanDuration>>,
    /// The run ends like this.
    #[serde(default)]
    #[schemars(with = "Option<TerminalName>")]
    pub(crate) terminal: Option<Spanned<TerminalName>>,
    /// The answer is exactly this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output: Option<Spanned<String>>,
    /// The answer contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) output_contains: Option<Spanned<String>>,
    /// The error contains this.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) error_contains: Option<Spanned<String>>,
    /// The tokens that the run reports.
    #[serde(default)]
    #[schemars(with = "Option<Usage>")]
    pub(crate) usage: Option<Spanned<Usage>>,
    /// How often each tool runs, over the whole case.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, u32>")]
    pub(crate) tool_runs: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// The lines of the effect ledger, over the whole case.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) effects: Option<Spanned<Vec<String>>>,
}

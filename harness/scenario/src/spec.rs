//! A scenario file as it is written. The documentation of these fields is the documentation of the format: editors show it,
//! through the schema that is made from it. Knows nothing of what makes sense; `check` does.

mod expect;
mod step;

use provider_script::EntrySpec;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

pub(crate) use expect::{ExpectSpec, PolicySpec, RunExpectSpec};
pub(crate) use step::{AwaitedTerminal, RunReference, StepSpec, WaitSpec};

use crate::dialect::Dialect;
use crate::scenario::Need;

/// A scenario: who, what the provider does, what the user does, what must be true.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scenario")]
pub(crate) struct ScenarioSpec {
    /// The version of the format: 1.
    #[schemars(with = "u32", range(min = 1, max = 1))]
    pub(crate) format: Spanned<u32>,
    /// A sentence that could be false.
    #[schemars(with = "String", length(min = 1))]
    pub(crate) title: Spanned<String>,
    /// Where this really happened: addresses of issues, reports, specifications.
    #[serde(default)]
    pub(crate) source: Vec<String>,
    /// Words to filter by.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// What a target must be able to do, beyond what follows from the steps and the provider's entries.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// The dialects it is written for; every one unless said. For what only some of them have, such as a path or a quirk.
    #[serde(default)]
    #[schemars(with = "Option<Vec<Dialect>>")]
    pub(crate) dialects: Option<Spanned<Vec<Dialect>>>,
    /// What the provider says. The first entry that matches a request answers it; a request that none matches fails the case.
    #[serde(default)]
    #[schemars(with = "Vec<EntrySpec>")]
    pub(crate) provider: Vec<Spanned<EntrySpec>>,
    /// What the user does, in order.
    #[serde(default)]
    #[schemars(with = "Vec<StepSpec>")]
    pub(crate) steps: Vec<Spanned<StepSpec>>,
    /// What must be true of any honest agent.
    #[serde(default)]
    #[schemars(with = "Option<ExpectSpec>")]
    pub(crate) expect: Option<Spanned<ExpectSpec>>,
    /// Which of the invariants do not apply here, and why.
    #[serde(default)]
    #[schemars(with = "Vec<WaiverSpec>")]
    pub(crate) waive: Vec<Spanned<WaiverSpec>>,
}

/// An invariant that does not apply.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Waiver")]
pub(crate) struct WaiverSpec {
    /// The invariant's id.
    #[schemars(with = "String")]
    pub(crate) invariant: Spanned<String>,
    /// Why it does not apply here.
    #[schemars(with = "String", length(min = 1))]
    pub(crate) reason: Spanned<String>,
}

//! A scenario with every choice made from a seed. Stored beside the journal, so that both can be judged again years later.

use provider_script::Script;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::HumanDuration;

use crate::expectation::Expectation;
use crate::scenario::Need;
use crate::step::Step;

/// The version of the plan format.
pub const PLAN_FORMAT: u32 = 1;

/// Everything that was decided before a case begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_FORMAT`] when it was written.
    pub format: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file, as it was named.
    pub file: String,
    /// The scenario's sentence.
    pub title: String,
    /// The seed that decided every choice.
    pub seed: u64,
    /// The protocol the provider speaks.
    pub dialect: Dialect,
    /// Whether replies are streamed.
    pub streamed: bool,
    /// Whether policy expectations are judged: only of the reference agent.
    pub judge_policy: bool,
    /// How many decoded bytes go into one streamed event where the script does not say.
    pub delta_bytes: u32,
    /// The bounds that hold for this case.
    pub bounds: Bounds,
    /// What the target must be able to do.
    pub needs: Vec<Need>,
    /// The turns, in the order of their `say`; the probe that follows the faults is last.
    pub runs: Vec<PlannedRun>,
    /// What the user does.
    pub steps: Vec<Step>,
    /// What must be true.
    pub expectations: Vec<Expectation>,
    /// Which invariants do not apply.
    pub waivers: Vec<Waiver>,
    /// What the provider says.
    pub script: Script,
}

/// One turn, decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRun {
    /// From 1.
    pub run: u32,
    /// The marker that every request of this run can be known by, such as `[run-1]`; part of `text`.
    pub marker: String,
    /// What the target is given.
    pub text: String,
    /// Who says it.
    pub client: String,
    /// In which session.
    pub session: String,
    /// Whether it is the probe.
    pub probe: bool,
}

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

/// A provider's protocol.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI Chat Completions.
    OpenaiChat,
}

impl Dialect {
    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
        }
    }
}

/// An invariant that a scenario waives, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The invariant's id.
    pub invariant: String,
    /// Why it does not apply here.
    pub reason: String,
}

//! A scenario with every choice made from a seed. Stored beside the journal, so that both can be judged again years later.

use provider_script::Script;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::{Fault, Transport};

use crate::bounds::Bounds;
use crate::dialect::Dialect;
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
    /// What the provider says. The probe's entry comes first, so that no entry of the scenario can answer in its place;
    /// journals count these entries, not those of the file.
    pub script: Script,
}

impl Plan {
    /// What the target and the provider speak through, so that every fault can happen.
    #[must_use]
    pub fn transport(&self) -> Transport {
        Transport::needed_by(self.faults())
    }

    /// Whether only TCP can carry every fault out.
    #[must_use]
    pub fn needs_tcp(&self) -> bool {
        self.faults().any(Fault::needs_tcp)
    }

    fn faults(&self) -> impl Iterator<Item = &Fault> + Clone {
        self.script.entries.iter().flat_map(|entry| &entry.faults)
    }

    /// The plan as it is stored beside the journal.
    ///
    /// # Errors
    ///
    /// If the script has something in it that TOML cannot say.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The plan that was stored.
    ///
    /// # Errors
    ///
    /// If the text is not a plan of [`PLAN_FORMAT`].
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        // The version first: a plan of another one may have any shape, and its keys would be told as mistakes.
        let Version { format } = toml::from_str(text)?;
        if format != PLAN_FORMAT {
            let message = format!("plan format {format} is not known, only {PLAN_FORMAT}");
            return Err(serde::de::Error::custom(message));
        }
        toml::from_str(text)
    }
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// One turn, decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRun {
    /// From 1.
    pub run: u32,
    /// What every request of this run can be known by: part of `text`, such as `[run-1]`, or all of it where the target
    /// cannot carry markers.
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

/// An invariant that a scenario waives, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The invariant's id.
    pub invariant: String,
    /// Why it does not apply here.
    pub reason: String,
}

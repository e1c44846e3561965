//! What a judge says, and on what grounds.

use journal::Journal;
use scenario::{Place, Plan};
use serde::{Deserialize, Serialize};

/// What was decided about one rule in one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The invariant's id, or the expectation's key.
    pub id: String,
    /// Whether it is a rule of ours or a demand of the scenario.
    pub subject: Subject,
    /// What was decided.
    pub ruling: Ruling,
    /// What was seen, in one sentence fragment: `ran 2 times`.
    pub because: String,
    /// The records that prove it, by `seq`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<u64>,
    /// For an expectation: where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A rule that holds for every scenario.
    Invariant,
    /// A demand of one scenario.
    Expectation,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// The rule was kept.
    Holds,
    /// The rule was broken.
    Violated,
    /// It could have been observed, but what was recorded does not decide it. Never green.
    Undecided,
    /// This target does not show what the rule is about, or nothing in the case concerns it.
    NotApplicable,
    /// The scenario waives the rule, with a reason.
    Waived,
}

impl Verdict {
    /// A verdict on an invariant; the registry fills in its id.
    #[must_use]
    pub fn of(
        ruling: Ruling,
        because: impl Into<String>,
        evidence: impl IntoIterator<Item = u64>,
    ) -> Self {
        Self {
            id: String::new(),
            subject: Subject::Invariant,
            ruling,
            because: because.into(),
            evidence: evidence.into_iter().collect(),
            place: None,
        }
    }
}

/// One invariant.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its stable id, in kebab case.
    pub id: &'static str,
    /// The group it belongs to: `clients`, `ending`, `streams`, `tools`, `retries`, `time`, `cancel`, `resources`, `quiet`,
    /// `secrets`, `recovery`, `accounts`, `isolation`, or `harness`: whether the case itself proves anything.
    pub group: &'static str,
    /// The rule, as one sentence.
    pub sentence: &'static str,
    /// Why it matters: what a user suffers when it is broken.
    pub why: &'static str,
    /// How it is decided, and when it is undecided or not applicable.
    pub how: &'static str,
    /// What usually causes a violation, and how to mend it.
    pub causes: &'static str,
    /// Decides it.
    pub judge: fn(&Plan, &Journal) -> Verdict,
    /// A small journal that violates it, with the plan it belongs to; printed by `brownout explain`.
    pub violation: fn() -> (Plan, Journal),
}

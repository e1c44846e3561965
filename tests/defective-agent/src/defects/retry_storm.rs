//! Three layers retry, and none knows of the others.
//!
//! As in code_puppy#317 and hermes-agent#58962.

use std::sync::Arc;

use journal::Fact;
use reference_agent::config::RetryBudget;
use reference_agent::failure::Failure;
use reference_agent::retry::{Decision, RetryPolicy, decide};
use reference_agent::seams::Seams;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "retry-storm",
    sentence: "The client, the agent and the gateway each spend the whole budget of attempts.",
    replaces: &["retry"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "attempts-within-budget",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &[
        "retries/outage-stays-within-the-budget",
        "retries/empty-stream-stays-within-the-budget",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        retry: Arc::new(Layered),
        ..Seams::default()
    }
}

/// How many layers retry.
const LAYERS: u32 = 3;

struct Layered;

impl RetryPolicy for Layered {
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        let budget = RetryBudget {
            attempts: budget.attempts * LAYERS,
            ..budget.clone()
        };
        decide(failure, attempt, &budget, jitter)
    }
}

//! The wait between attempts is the client's own, whatever the provider asks for.
//!
//! As in openai-python#3555.

use std::sync::Arc;

use journal::Fact;
use reference_agent::config::RetryBudget;
use reference_agent::failure::Failure;
use reference_agent::retry::{Decision, RetryPolicy, decide};
use reference_agent::seams::Seams;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "ignores-retry-after",
    sentence: "`Retry-After` is not read.",
    replaces: &["retry"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "retry-after-honoured",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &[
        "retries/rate-limit-is-waited-for",
        "retries/unavailable-with-retry-after",
        "retries/long-retry-after",
        "retries/retry-after-as-a-date",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        retry: Arc::new(Impatient),
        ..Seams::default()
    }
}

struct Impatient;

impl RetryPolicy for Impatient {
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        let unasked = Failure {
            retry_after: None,
            ..failure.clone()
        };
        decide(&unasked, attempt, budget, jitter)
    }
}

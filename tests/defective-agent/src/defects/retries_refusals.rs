//! What was refused for good is tried again like an outage.
//!
//! As in hermes-agent#31273.

use std::sync::Arc;

use journal::Fact;
use reference_agent::config::RetryBudget;
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::retry::{Decision, RetryPolicy, decide};
use reference_agent::seams::Seams;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "retries-refusals",
    sentence: "A wrong key, an empty account and a malformed request are tried again.",
    replaces: &["retry"],
    stage: Stage::Gateway,
    meant: &[
        Meant {
            rule: "no-hopeless-retry",
            mistake: |fact| matches!(fact, Fact::Request { .. }),
        },
        Meant {
            rule: "no-unscripted-request",
            mistake: |fact| matches!(fact, Fact::Unscripted { .. }),
        },
    ],
    also: &[],
    shown_by: &[
        "ending/unauthorized-is-run-failed",
        "retries/payment-required-is-final",
        "retries/exhausted-quota-is-final",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        retry: Arc::new(Stubborn),
        ..Seams::default()
    }
}

struct Stubborn;

impl RetryPolicy for Stubborn {
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        let passing = Failure {
            code: FailureCode::ServerError,
            ..failure.clone()
        };
        decide(&passing, attempt, budget, jitter)
    }
}

//! No attempt is ever made again.
//!
//! As in adk-anthropic-go#32.

use std::sync::Arc;

use reference_agent::config::RetryBudget;
use reference_agent::failure::Failure;
use reference_agent::retry::{Decision, RetryPolicy};
use reference_agent::seams::Seams;

use crate::defect::{Defect, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "gives-up-at-once",
    sentence: "A single reset or overload fails the run.",
    replaces: &["retry"],
    stage: Stage::Gateway,
    meant: &[],
    also: &[],
    shown_by: &[
        "retries/overload-then-answer",
        "stream/close-in-the-head",
        "clients/retry-after-reset-uses-a-living-client",
        "stream/polite-end-is-retried",
        "isolation/eight-turns-at-once",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        retry: Arc::new(Discouraged),
        ..Seams::default()
    }
}

struct Discouraged;

impl RetryPolicy for Discouraged {
    fn decide(&self, _: &Failure, _: u32, _: &RetryBudget, _: f64) -> Decision {
        Decision::GiveUp
    }
}

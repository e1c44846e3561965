//! After a failure the provider is never asked again.
//!
//! As in hermes-agent#1229: only a restart helps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use journal::{Fact, Terminal};
use reference_agent::config::RetryBudget;
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::registry::{CallClient, ClientOrder, RequestClient};
use reference_agent::retry::{Decision, RetryPolicy, decide};
use reference_agent::seams::{ClientFactory, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "open-circuit",
    sentence: "A circuit breaker opens with the first call that is given up, and never closes.",
    replaces: &["client_factory", "retry"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "next-run-succeeds",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Terminal::Failed,
                    ..
                }
            )
        },
    }],
    also: &["error-names-cause"],
    shown_by: &["recovery/next-turn-after-an-outage"],
    seams,
};

fn seams() -> Seams {
    let breaker = Arc::new(Breaker::default());
    Seams {
        client_factory: breaker.clone(),
        retry: breaker,
        ..Seams::default()
    }
}

#[derive(Default)]
struct Breaker {
    open: AtomicBool,
}

impl RetryPolicy for Breaker {
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        let decision = decide(failure, attempt, budget, jitter);
        if decision == Decision::GiveUp {
            self.open.store(true, Ordering::SeqCst);
        }
        decision
    }
}

impl ClientFactory for Breaker {
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        if self.open.load(Ordering::SeqCst) {
            let message = "the circuit is open: the provider has failed";
            return Err(Failure::new(FailureCode::Overloaded, message).definite());
        }
        Ok(Arc::new(RequestClient::build(order)?))
    }
}

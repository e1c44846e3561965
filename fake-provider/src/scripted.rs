//! A fault of the script on its way to being carried out, and what is recorded of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fault_io::{
    Contract, Inapplicable, Left, OnSilence, Response, Tap, Until, Verification, Watch, perform,
    verify,
};
use journal::{Fact, FaultOutcome, How, Subject};
use wire_faults::Fault;

use crate::desk::Desk;

/// A fault of the script.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    pub(crate) entry: usize,
    /// Which of the entry's faults.
    pub(crate) index: usize,
    pub(crate) subject: Subject,
    pub(crate) fault: Fault,
}

/// How a fault outside of an answer left its connection.
pub(crate) enum Leaves {
    /// Open: the exchange goes on.
    Open,
    /// Ended, by us in this way.
    Ended(How),
    /// Open, but the stream of HTTP/2 that it happened to was reset.
    Reset,
}

impl Scripted {
    /// Records what became of it.
    pub(crate) fn record(&self, desk: &Desk, verification: Verification) {
        let Verification {
            fault: _,
            outcome,
            expected,
            observed,
        } = verification;
        let fact = Fact::Fault {
            entry: self.entry,
            point: self.fault.point.to_string(),
            action: self.fault.action.to_string(),
            outcome,
            expected,
            observed,
        };
        desk.record_fault(self.subject, (self.entry, self.index), fact);
    }

    /// Records that the exchange has no place for it.
    pub(crate) fn inapplicable(&self, desk: &Desk, reason: &str) {
        self.unverified(desk, FaultOutcome::Inapplicable, reason);
    }

    /// Records an outcome that no socket was asked about.
    pub(crate) fn unverified(&self, desk: &Desk, outcome: FaultOutcome, observed: &str) {
        let verification = Verification {
            fault: 0,
            outcome,
            expected: self.fault.to_string(),
            observed: observed.to_owned(),
        };
        self.record(desk, verification);
    }

    /// The contract of a fault that happens while there is no answer.
    fn alone(&self, desk: &Desk, http2: bool) -> Result<Contract, Inapplicable> {
        let nothing = Response {
            seed: desk.options.seed,
            secure: desk.options.authority.is_some(),
            http2,
            ..Response::nothing()
        };
        Contract::of(&nothing, &self.fault)
    }

    /// What only the target ends is recorded as it begins: its end may be the end of everything.
    fn on_silence(
        &self,
        desk: &Arc<Desk>,
        contract: &Arc<Contract>,
        told: &Arc<AtomicBool>,
    ) -> OnSilence {
        let (desk, contract, told) = (Arc::clone(desk), Arc::clone(contract), Arc::clone(told));
        let scripted = self.clone();
        Box::new(move |seen| {
            told.store(true, Ordering::Release);
            for verification in verify(&contract, seen, Until::Silent) {
                scripted.record(&desk, verification);
            }
        })
    }

    /// Carries it out while there is no answer: before a request has been read, or after an exchange.
    ///
    /// # Errors
    ///
    /// The target leaves first.
    pub(crate) async fn perform(&self, desk: &Arc<Desk>, tap: &mut Tap) -> Result<Leaves, Left> {
        let contract = match self.alone(desk, tap.is_stream()) {
            Ok(contract) => Arc::new(contract),
            Err(reason) => {
                self.inapplicable(desk, &reason.to_string());
                return Ok(Leaves::Open);
            }
        };
        if contract.waits_for_a_request() {
            // Whoever leaves instead of asking again never comes to the fault.
            tap.begin(Watch::default());
            while tap.inbound().is_empty() {
                tap.read().await?;
            }
        }
        let told = Arc::new(AtomicBool::new(false));
        tap.begin(Watch {
            silent: Some(self.on_silence(desk, &contract, &told)),
            ..Watch::default()
        });
        let performed = perform(tap, &contract).await;
        for verification in verify(&contract, &tap.observe(), Until::Done) {
            let wrong = verification.outcome == FaultOutcome::Undelivered;
            if wrong || !told.load(Ordering::Acquire) {
                self.record(desk, verification);
            }
        }
        performed?;
        Ok(match contract.how() {
            Some(how) => Leaves::Ended(how),
            None if contract.resets_the_stream() => Leaves::Reset,
            None => Leaves::Open,
        })
    }
}

//! One answer on its way: sent by the letter of its contract, judged, and recorded with what really left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fault_io::{Contract, Left, Tap, Until, Verification, Watch, perform, verify};
use journal::{Ended, Fact, FaultOutcome, How, Subject};
use wire_faults::{Action, Fault, Point};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::sent::Sent;

/// An answer, and everything it takes to send it and to say what became of it.
pub(crate) struct Exchange {
    desk: Arc<Desk>,
    answer: Answer,
    contract: Arc<Contract>,
    /// The fault that the contract carries out, with its entry.
    fault: Option<Scripted>,
    /// The fault that follows the answer.
    idle: Option<Scripted>,
    /// Whether the fault was recorded as its silence began.
    told: Arc<AtomicBool>,
}

/// A fault of the script.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    entry: usize,
    subject: Subject,
    fault: Fault,
}

/// What comes after an answer.
pub(crate) enum Then {
    /// The connection is open; perhaps something happens to it while it is idle.
    GoesOn { idle: Option<Scripted> },
    /// The provider has ended the connection.
    Closed {
        how: How,
        /// Whether the whole answer had left.
        whole: bool,
    },
    /// The target has.
    TargetLeft(How),
}

impl Exchange {
    pub(crate) fn new(desk: Arc<Desk>, mut answer: Answer) -> Self {
        desk.request_begun();
        let scripted = answer.entry.zip(answer.fault.take());
        let mut scripted = scripted.map(|(entry, fault)| Scripted {
            entry,
            subject: answer.subject,
            fault,
        });
        let after = |scripted: &mut Scripted| scripted.fault.point == Point::Idle;
        let idle = scripted.take_if(after);
        let mut contract = Contract::plain(&answer.response);
        let mut fault = None;
        if let Some(scripted) = scripted {
            match Contract::of(&answer.response, &scripted.fault) {
                Ok(faulty) => {
                    contract = faulty;
                    fault = Some(scripted);
                }
                Err(reason) => scripted.inapplicable(&desk, &reason.to_string()),
            }
        }
        Self {
            fault,
            idle,
            contract: Arc::new(contract),
            told: Arc::default(),
            desk,
            answer,
        }
    }

    /// Sends the answer. What has left is known to the tap, even when this is cut short.
    pub(crate) async fn perform(&self, tap: &mut Tap) -> Result<(), Left> {
        tap.begin(self.watch());
        let action = self.fault.as_ref().map(|scripted| &scripted.fault.action);
        perform(tap, &self.contract, action).await
    }

    fn watch(&self) -> Watch {
        let desk = Arc::clone(&self.desk);
        let subject = self.answer.subject;
        let started = Fact::ResponseStarted {
            entry: self.answer.entry,
            status: self.answer.status,
            error: self.answer.error.clone(),
        };
        let silent = self.fault.clone().map(|scripted| {
            let (desk, contract) = (Arc::clone(&self.desk), Arc::clone(&self.contract));
            let told = Arc::clone(&self.told);
            // A stall ends with the target's patience, so that it happened is told as it begins.
            let tell = move |seen: &fault_io::Observed| {
                told.store(true, Ordering::Release);
                scripted.record(&desk, verify(&contract, seen, Until::Silent));
            };
            Box::new(tell) as fault_io::OnSilence
        });
        Watch {
            head: self.contract.head(),
            head_left: Some(Box::new(move || desk.record(subject, started))),
            silent,
        }
    }

    /// Judges and records what has left.
    pub(crate) fn conclude(self, tap: &Tap, until: Until) -> Then {
        let outcome = self.judge(tap, until);
        let ended = self.ended(tap, outcome, until);
        let sent = Sent::read(tap.sent());
        let said = self.answer.protocol.said(&sent, &self.answer.tool_calls);
        let finish = said.finish.clone();
        let desk = &self.desk;
        desk.request_over();
        let shut = match self.answer.address {
            Some(address) if until == Until::Done => {
                desk.answered(address, &self.answer.model, ended, finish.as_deref())
            }
            _ => false,
        };
        desk.record(
            self.answer.subject,
            Fact::ResponseEnded {
                status: (tap.sent().len() >= self.contract.head()).then_some(self.answer.status),
                ended,
                bytes: tap.sent().len() as u64,
                digest: desk.scrub().digest(tap.sent()),
                said,
            },
        );
        self.then(tap, ended, shut)
    }

    fn judge(&self, tap: &Tap, until: Until) -> Option<FaultOutcome> {
        let scripted = self.fault.as_ref()?;
        let verification = verify(&self.contract, &tap.observe(), until);
        let outcome = verification.outcome;
        let told = self.told.load(Ordering::Acquire);
        if !told || outcome == FaultOutcome::Undelivered {
            scripted.record(&self.desk, verification);
        }
        Some(outcome)
    }

    fn ended(&self, tap: &Tap, outcome: Option<FaultOutcome>, until: Until) -> Ended {
        let whole = tap.sent().len() >= self.contract.wire().len();
        let action = self.fault.as_ref().map(|scripted| &scripted.fault.action);
        match (action, outcome) {
            (Some(Action::Stall { .. }), _) if tap.left().is_some() => Ended::TargetLeft,
            (_, _) if until == Until::Interrupted => Ended::ProviderShutdown,
            (Some(Action::Status(_) | Action::Delay { .. }) | None, _) if whole => Ended::Complete,
            (Some(_), Some(FaultOutcome::Delivered | FaultOutcome::Undelivered)) => Ended::ByFault,
            _ => Ended::TargetLeft,
        }
    }

    /// `shut`: the listener was closed with this answer, and so is every connection that is idle now.
    fn then(self, tap: &Tap, ended: Ended, shut: bool) -> Then {
        if ended == Ended::TargetLeft {
            return Then::TargetLeft(tap.left().unwrap_or(How::Reset));
        }
        let whole = ended == Ended::Complete;
        let action = self.fault.as_ref().map(|scripted| &scripted.fault.action);
        if self.contract.goes_on() {
            return match shut {
                true => Then::Closed {
                    how: How::Fin,
                    whole,
                },
                false => Then::GoesOn { idle: self.idle },
            };
        }
        if let Some(idle) = &self.idle {
            idle.inapplicable(&self.desk, "the connection is not kept alive");
        }
        let how = match action {
            Some(Action::Reset) => How::Reset,
            _ => How::Fin,
        };
        Then::Closed { how, whole }
    }
}

impl Scripted {
    fn record(&self, desk: &Desk, verification: Verification) {
        let Verification {
            outcome,
            expected,
            observed,
        } = verification;
        desk.record_fault(
            self.subject,
            Fact::Fault {
                entry: self.entry,
                point: self.fault.point.to_string(),
                action: self.fault.action.to_string(),
                outcome,
                expected,
                observed,
            },
        );
    }

    fn inapplicable(&self, desk: &Desk, reason: &str) {
        self.record(
            desk,
            Verification {
                outcome: FaultOutcome::Inapplicable,
                expected: self.fault.to_string(),
                observed: reason.to_owned(),
            },
        );
    }

    /// Carries out what happens to an idle connection, once the target's kernel has taken the whole answer.
    pub(crate) async fn perform(self, desk: &Desk, tap: &mut Tap) -> Result<How, Left> {
        tap.drain().await;
        let nothing = fault_io::Response::nothing();
        let contract =
            Contract::of(&nothing, &self.fault).expect("an idle connection is always a place");
        tap.begin(Watch::default());
        let performed = perform(tap, &contract, Some(&self.fault.action)).await;
        self.record(desk, verify(&contract, &tap.observe(), Until::Done));
        performed?;
        Ok(match self.fault.action {
            Action::Reset => How::Reset,
            _ => How::Fin,
        })
    }
}

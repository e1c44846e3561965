//! One answer on its way: sent by the letter of its contract, judged, and recorded with what really left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fault_io::{Contract, Left, Response, Tap, Until, Verification, Watch, perform, verify};
use journal::{Ended, Fact, FaultOutcome, How, Said};
use wire_faults::{Action, Fault, Point, PointName, Transport};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::scripted::Scripted;
use crate::sent::Sent;

/// An answer, and everything it takes to send it and to say what became of it.
pub(crate) struct Exchange {
    desk: Arc<Desk>,
    answer: Answer,
    contract: Arc<Contract>,
    /// The faults that the contract was made of.
    faults: Arc<[Scripted]>,
    /// The fault that follows the answer.
    idle: Option<Scripted>,
    /// Whether the faults were recorded as something began that only the target ends.
    told: Arc<AtomicBool>,
}

/// What comes after an answer.
pub(crate) enum Then {
    /// The connection is open; perhaps something happens to it while it is idle.
    GoesOn { idle: Option<Scripted> },
    /// The connection is open and has to be closed, together with those that are idle now.
    Closes {
        /// Whether the whole answer had left.
        whole: bool,
    },
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
        desk.lobby.request_begun();
        if answer.streamed {
            desk.lobby.metrics.stream_begun();
        }
        desk.answered.count(answer.kind, answer.status);
        if answer.faults.is_empty() {
            // Nearly every answer: nothing is made ready for what will not happen.
            return Self::of(desk, answer, Arc::default());
        }
        let subject = answer.subject;
        let entry = answer.entry.unwrap_or_default();
        let scripted =
            { std::mem::take(&mut answer.faults).into_iter() }.map(|(index, fault)| Scripted {
                entry,
                index,
                subject,
                fault,
            });
        let (idle, others): (Vec<_>, Vec<_>) =
            scripted.partition(|scripted| scripted.fault.point == Point::Idle);
        let (handshake, faults): (Vec<_>, Vec<_>) =
            { others.into_iter() }.partition(|scripted| scripted.fault.point == Point::Tls);
        let transport = Transport {
            http2: answer.response.http2,
            tls: desk.options.authority.is_some(),
        };
        if let Err(reason) = transport.has_place(PointName::Tls) {
            for scripted in handshake {
                scripted.inapplicable(&desk, reason);
            }
        }
        Self {
            idle: idle.into_iter().next(),
            ..Self::of(desk, answer, faults.into())
        }
    }

    fn of(desk: Arc<Desk>, mut answer: Answer, faults: Arc<[Scripted]>) -> Self {
        let meant: Vec<Fault> = faults
            .iter()
            .map(|scripted| scripted.fault.clone())
            .collect();
        answer.response.secure = desk.options.authority.is_some();
        let mut drafted = Contract::drafted(&answer.response, &meant);
        if faults.is_empty() {
            // What was drafted from it is all that is needed.
            answer.response = Response::nothing();
            if !desk.is_recorded() && !desk.looks_ahead() {
                drafted.contract = drafted.contract.packed_while_it_waits();
            }
        }
        for (fault, reason) in drafted.missed {
            let scripted = &faults[fault];
            scripted.inapplicable(&desk, &reason.to_string());
            if matches!(scripted.fault.action, Action::ErrorEvent(_)) {
                answer.error = None;
            }
        }
        Self {
            faults,
            idle: None,
            contract: Arc::new(drafted.contract),
            told: Arc::default(),
            desk,
            answer,
        }
    }

    /// Sends the answer. What has left is known to the tap, even when this is cut short.
    pub(crate) async fn perform(&self, tap: &mut Tap) -> Result<(), Left> {
        tap.begin(self.watch());
        perform(tap, &self.contract).await
    }

    fn watch(&self) -> Watch {
        Watch {
            head: self.contract.head(),
            head_left: self.desk.is_recorded().then(|| self.on_head()),
            silent: self.on_silence(),
        }
    }

    fn on_head(&self) -> fault_io::OnHead {
        let desk = Arc::clone(&self.desk);
        let subject = self.answer.subject;
        let started = Fact::ResponseStarted {
            entry: self.answer.entry,
            status: self.answer.status,
            error: self.answer.error.clone(),
        };
        Box::new(move || desk.record(subject, started))
    }

    /// A stall ends with the target's patience, so that it happened is told as it begins.
    fn on_silence(&self) -> Option<fault_io::OnSilence> {
        if !self.contract.waits_for_the_peer() {
            return None;
        }
        let (desk, contract) = (Arc::clone(&self.desk), Arc::clone(&self.contract));
        let (told, faults) = (Arc::clone(&self.told), Arc::clone(&self.faults));
        Some(Box::new(move |seen: &fault_io::Observed| {
            told.store(true, Ordering::Release);
            for verification in verify(&contract, seen, Until::Silent) {
                faults[verification.fault].record(&desk, verification);
            }
        }))
    }

    /// Judges and records what has left.
    pub(crate) fn conclude(self, tap: &Tap, until: Until) -> Then {
        let outcomes = self.judge(tap, until);
        let ended = self.ended(tap, &outcomes, until);
        let desk = &self.desk;
        self.count(tap);
        if !desk.is_recorded() && !desk.looks_ahead() && self.faults.is_empty() {
            // Nobody asks what was said, and nothing depends on it.
            return self.then(tap, ended, false);
        }
        let said = self.said(tap, &outcomes);
        let finish = said.finish.clone();
        let shut = match self.answer.address {
            Some(address) if until == Until::Done && desk.looks_ahead() => {
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

    /// Counts an answer that is over.
    fn count(&self, tap: &Tap) {
        let lobby = &self.desk.lobby;
        lobby.request_over();
        if self.answer.streamed {
            lobby.metrics.stream_over();
        }
        lobby
            .metrics
            .answer_over(tap.sent_bytes(), tap.first_byte_after());
    }

    /// What has been said, read back from what left. Whatever is no answer of the model says nothing, and may be very long.
    fn said(&self, tap: &Tap, outcomes: &[Verification]) -> Said {
        if self.answer.address.is_none() {
            return Said::default();
        }
        let protocol = self.answer.protocol;
        let sent = Sent::read(tap.sent());
        let action = |one: &Verification| &self.faults[one.fault].fault.action;
        if !outcomes.iter().any(|one| spoils(action(one))) {
            let sent = match self.faults.is_empty() {
                true => sent,
                false => sent.meant_as(&self.answer.response),
            };
            return protocol.said(&sent, &self.answer.tool_calls);
        }
        let mut said = protocol.said(
            &sent.meant_as(&self.answer.response),
            &self.answer.tool_calls,
        );
        // Nobody can tell from arguments that still make sense that a piece of them came twice, not at all, or too late.
        let rearranges = |one| {
            matches!(
                action(one),
                Action::Duplicate | Action::Drop | Action::Reorder
            )
        };
        if said.finish.is_some() && outcomes.iter().any(rearranges) {
            for call in &mut said.tool_calls {
                call.whole |= is_object(&call.arguments);
            }
        }
        let calls = said.tool_calls.iter();
        let arguments = calls.map(|call| call.arguments.clone());
        self.desk.remember_arguments(arguments);
        said
    }

    /// What became of each fault; those that were told already are not told again, unless it was a mistake of ours.
    fn judge(&self, tap: &Tap, until: Until) -> Vec<Verification> {
        if self.contract.faults().next().is_none() {
            return Vec::new();
        }
        let verifications = verify(&self.contract, &tap.observe(), until);
        let told = self.told.load(Ordering::Acquire);
        for verification in &verifications {
            if !told || verification.outcome == FaultOutcome::Undelivered {
                let scripted = &self.faults[verification.fault];
                scripted.record(&self.desk, verification.clone());
            }
        }
        verifications
    }

    fn ended(&self, tap: &Tap, outcomes: &[Verification], until: Until) -> Ended {
        let whole = tap.sent_bytes() >= self.contract.len();
        let action = |verification: &Verification| &self.faults[verification.fault].fault.action;
        let waits = |verification| {
            let action = action(verification);
            matches!(
                action,
                Action::Stall { .. } | Action::KeepaliveForever { .. }
            )
        };
        let spoils = |verification: &&Verification| spoils(action(verification));
        let mut spoiling = outcomes.iter().filter(spoils).peekable();
        match () {
            () if tap.left().is_some() && outcomes.iter().any(waits) => Ended::TargetLeft,
            () if until == Until::Interrupted => Ended::ProviderShutdown,
            () if whole && spoiling.peek().is_none() => Ended::Complete,
            () if { spoiling }.any(|one| one.outcome != FaultOutcome::Superseded) && whole => {
                Ended::ByFault
            }
            () => Ended::TargetLeft,
        }
    }

    /// `shut`: the connections that are idle now were closed with this answer, and so is this one.
    fn then(self, tap: &Tap, ended: Ended, shut: bool) -> Then {
        if ended == Ended::TargetLeft {
            return Then::TargetLeft(tap.left().unwrap_or(How::Reset));
        }
        let whole = ended == Ended::Complete;
        let Some(how) = self.contract.how() else {
            return match shut {
                true => Then::Closes { whole },
                false => Then::GoesOn { idle: self.idle },
            };
        };
        if let Some(idle) = &self.idle {
            idle.inapplicable(&self.desk, "the connection is not kept alive");
        }
        Then::Closed { how, whole }
    }
}

/// Whether this is the text of a JSON object.
fn is_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

/// Whether an answer with this in it may be refused by whoever reads it, although everything was sent as it was meant.
const fn spoils(action: &Action) -> bool {
    !matches!(
        action,
        Action::Status(_)
            | Action::Delay { .. }
            | Action::Drip { .. }
            | Action::Split { .. }
            | Action::Crlf
    )
}

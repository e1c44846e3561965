//! One recorded answer on its way: sent by the letter of its contract, judged from its socket, and told in the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fault_io::{Contract, Left, Observed, OnSilence, Tap, Until, Watch, perform, verify};
use journal::{Ended, ErrorSent, Fact, FaultOutcome, How, Subject};

use super::desk::Desk;
use super::speed;
use crate::credential::Presented;
use crate::declined::Declined;
use crate::dialects;
use crate::http::{Refused, Request};
use crate::json::Value;
use crate::memory::Memory;
use crate::protocol::{Problem, Protocol};
use crate::sent::Sent;

/// An answer, and everything it takes to send it and to say what became of it.
#[derive(Debug)]
pub(super) struct Answer {
    contract: Arc<Contract>,
    /// The recording that it is: its number from 0, and its file. Nothing for an error of ours.
    recording: Option<(usize, Arc<str>)>,
    /// Whether a client takes it for whole.
    whole: bool,
    status: u16,
    error: Option<ErrorSent>,
    protocol: &'static dyn Protocol,
    /// Whether it was recorded as something begun that only the target ends.
    told: Arc<AtomicBool>,
}

impl Answer {
    /// The recording that answers a request, or an error that says that there is none. Records the request.
    pub(super) fn to(desk: &Desk, request: &Request, connection: u64) -> Self {
        let protocol = dialects::of(None, request);
        record(desk, protocol, request, connection);
        let (index, loaded) = match desk.shelf.pick(request) {
            Ok(picked) => picked,
            Err(what) => {
                let fact = Fact::Unscripted { what: what.clone() };
                desk.record(Subject::CASE, fact);
                return Self::declined(
                    Declined::new(request, &Problem::Unscripted(what)),
                    protocol,
                );
            }
        };
        let exchange = &loaded.exchange;
        let wire = exchange.wire();
        let head = exchange.answer().head();
        let status = head.and_then(|head| status(&wire[head]));
        Self {
            contract: Arc::new(speed::contract(
                exchange,
                desk.speed,
                desk.authority.is_some(),
            )),
            recording: Some((index, loaded.name.as_str().into())),
            whole: exchange.is_whole(),
            status: status.unwrap_or_default(),
            error: None,
            protocol,
            told: Arc::default(),
        }
    }

    /// The answer to what is refused before it is read.
    pub(super) fn unread(refused: &Refused) -> Self {
        let protocol = match &refused.request {
            Some(request) => dialects::of(None, request),
            None => dialects::usual(None),
        };
        Self::declined(Declined::unread(refused), protocol)
    }

    fn declined(declined: Declined, protocol: &'static dyn Protocol) -> Self {
        Self {
            contract: Arc::new(Contract::plain(&declined.response)),
            recording: None,
            whole: true,
            status: declined.status,
            error: Some(declined.error),
            protocol,
            told: Arc::default(),
        }
    }

    /// How our side of the connection is ended after it, where it is.
    pub(super) fn how(&self) -> Option<How> {
        self.contract.how()
    }

    /// Sends the answer. What has left is known to the tap, even when this is cut short.
    pub(super) async fn perform(&self, desk: &Arc<Desk>, tap: &mut Tap) -> Result<(), Left> {
        let on_head = Arc::clone(desk);
        let started = Fact::ResponseStarted {
            entry: self.recording.as_ref().map(|(index, _)| *index),
            status: self.status,
            error: self.error.clone(),
        };
        tap.begin(Watch {
            head: self.contract.head(),
            head_left: Some(Box::new(move || on_head.record(Subject::CASE, started))),
            silent: self.on_silence(desk),
        });
        perform(tap, &self.contract).await
    }

    /// A silence ends with the target's patience, so that it happened is told as it begins.
    fn on_silence(&self, desk: &Arc<Desk>) -> Option<OnSilence> {
        let (index, file) = self.recording.clone()?;
        if !self.contract.waits_for_the_peer() {
            return None;
        }
        let (desk, contract) = (Arc::clone(desk), Arc::clone(&self.contract));
        let told = Arc::clone(&self.told);
        Some(Box::new(move |seen: &Observed| {
            told.store(true, Ordering::Release);
            judge(
                &desk,
                (index, &file),
                (&contract, seen, Until::Silent),
                |_| true,
            );
        }))
    }

    /// Judges and records what has left. Whether the target has got all that a client takes for a whole answer.
    pub(super) fn conclude(&self, desk: &Desk, tap: &Tap, until: Until) -> bool {
        let told = self.told.load(Ordering::Acquire);
        let worth_telling = |outcome| !told || outcome == FaultOutcome::Undelivered;
        if let Some((index, file)) = &self.recording {
            let seen = (&*self.contract, &tap.observe(), until);
            judge(desk, (*index, file), seen, worth_telling);
        }
        let ended = self.ended(tap, until);
        let wire = tap.sent();
        let said = self.protocol.said(&Sent::read(wire), &[]);
        let fact = Fact::ResponseEnded {
            status: (wire.len() >= self.contract.head()).then_some(self.status),
            ended,
            said,
            bytes: wire.len() as u64,
            digest: desk.scrub.digest(wire),
        };
        desk.record(Subject::CASE, fact);
        ended == Ended::Complete
    }

    /// Whether the target left before we had sent what was recorded, or while nothing was to be sent any more.
    pub(super) fn target_left(&self, tap: &Tap) -> bool {
        let all = tap.sent().len() >= self.contract.wire().len();
        tap.left().is_some() && (!all || self.contract.waits_for_the_peer())
    }

    fn ended(&self, tap: &Tap, until: Until) -> Ended {
        let all = tap.sent().len() >= self.contract.wire().len();
        match () {
            () if self.target_left(tap) => Ended::TargetLeft,
            () if until == Until::Interrupted => Ended::ProviderShutdown,
            () if all && self.whole => Ended::Complete,
            () if all => Ended::ByFault,
            () => Ended::TargetLeft,
        }
    }
}

/// Records what became of a recording.
fn judge(
    desk: &Desk,
    (index, file): (usize, &str),
    (contract, seen, until): (&Contract, &Observed, Until),
    worth_telling: impl Fn(FaultOutcome) -> bool,
) {
    for verification in verify(contract, seen, until) {
        if worth_telling(verification.outcome) {
            let fact = Fact::Fault {
                entry: index,
                point: "recording".to_owned(),
                action: format!("replay {file}"),
                outcome: verification.outcome,
                expected: verification.expected,
                observed: verification.observed,
            };
            desk.record(Subject::CASE, fact);
        }
    }
}

/// Records what was asked.
fn record(desk: &Desk, protocol: &dyn Protocol, request: &Request, connection: u64) {
    let body = serde_json::from_slice::<Value<'_>>(&request.body);
    let read = body.as_ref().ok();
    let memory = Memory::default();
    let conversation = read.map(|body| protocol.conversation(request, body, &memory));
    let conversation = conversation.unwrap_or_default();
    // Every key is as good as any other.
    let presented = Presented::read(protocol.key(request), &[]);
    let hidden = |text: &str| desk.scrub.text(&presented.hidden(text));
    let fact = Fact::Request {
        connection,
        method: request.method.clone(),
        path: hidden(&request.path),
        model: conversation.model.as_deref().map(&hidden),
        streamed: conversation.streamed,
        credential: presented.alias.clone(),
        auxiliary: false,
        messages: u32::try_from(conversation.turns.len()).unwrap_or(u32::MAX),
        tool_calls: Vec::new(),
        tool_results: Vec::new(),
        said_before: Vec::new(),
        digest: match read {
            Some(body) => desk.scrub.digest_of(body),
            None => desk.scrub.digest(&request.body),
        },
    };
    desk.record(Subject::CASE, fact);
}

/// The status of a head.
fn status(head: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(head.get(..12)?).ok()?;
    text.split_once(' ')?.1.parse().ok()
}

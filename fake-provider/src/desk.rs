//! What the requests of one namespace share: the script, the journal, the memory, and what is counted by the script. Knows no
//! bytes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::{Actor, Fact, Recorder, Subject};
use provider_script::{Asked, Entry, Script, Tally};
use tokio::time::Instant;
use wire_faults::Point;

use crate::addressing::{Address, Addressing, Turn};
use crate::carried::Carries;
use crate::credential::Presented;
use crate::early::{Early, Ready};
use crate::lobby::Lobby;
use crate::memory::Memory;
use crate::metrics::Answered;
use crate::options::ProviderOptions;
use crate::scrub::Scrub;

/// So many broken arguments are remembered.
const REMEMBERED: usize = 1024;

/// The shared side of a namespace.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) options: ProviderOptions,
    /// What is shared with every other namespace.
    pub(crate) lobby: Arc<Lobby>,
    pub(crate) answered: Arc<Answered>,
    recorder: Recorder,
    scrub: Scrub,
    raw_arguments: Mutex<Arc<[String]>>,
    /// Whether anything in the script happens before a request is read, so that what comes next has to be foreseen.
    looks_ahead: bool,
    /// Whether anything in the script depends on the place of a request.
    counts: bool,
    pub(crate) memory: Arc<Memory>,
    /// From when the script counts time.
    started: Instant,
    addressing: Mutex<Addressing>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Faults that have been recorded, in whatever way: entry, and which of its faults.
    recorded: BTreeSet<(usize, usize)>,
    /// What happens before the next request has been read.
    ready: Option<Ready>,
    lifted: bool,
    /// What the script counts.
    tally: Tally,
}

impl Desk {
    pub(crate) fn new(options: ProviderOptions, lobby: Arc<Lobby>, recorder: Recorder) -> Self {
        Self {
            scrub: Scrub::new(&options, lobby.door.tcp_address()),
            addressing: Mutex::new(Addressing::new(
                options.markers.clone(),
                options.turns_offer_tools,
            )),
            raw_arguments: Mutex::new(raw_arguments(&options.script).into()),
            looks_ahead: looks_ahead(&options.script),
            counts: counts(&options.script),
            memory: Memory::within(&lobby.remembered),
            started: Instant::now(),
            options,
            lobby,
            answered: Arc::default(),
            recorder,
            state: Mutex::default(),
        }
    }

    /// The same with another script, whose counts begin anew. What was answered before is remembered.
    pub(crate) fn saying(&self, script: Script) -> Self {
        let options = ProviderOptions {
            script,
            ..self.options.clone()
        };
        let next = Self {
            memory: Arc::clone(&self.memory),
            answered: Arc::clone(&self.answered),
            ..Self::new(options, Arc::clone(&self.lobby), self.recorder.clone())
        };
        // What came back broken may still come back.
        next.remember_arguments(self.raw_arguments().iter().cloned());
        next
    }

    /// The same as it was in the beginning. What metrics count is never taken back.
    pub(crate) fn renewed(&self) -> Self {
        Self {
            answered: Arc::clone(&self.answered),
            ..Self::new(
                self.options.clone(),
                Arc::clone(&self.lobby),
                self.recorder.clone(),
            )
        }
    }

    /// Records one fact of the provider.
    pub(crate) fn record(&self, subject: Subject, fact: Fact) {
        self.recorder.record(Actor::Provider, subject, fact);
    }

    /// Whether anybody wants to know what is recorded.
    pub(crate) const fn is_recorded(&self) -> bool {
        self.recorder.listens()
    }

    /// Whether something may happen before a request is read.
    pub(crate) const fn looks_ahead(&self) -> bool {
        self.looks_ahead
    }

    /// Whether anything depends on which conversation a request belongs to. With markers these tell the runs apart.
    pub(crate) fn tells_conversations_apart(&self) -> bool {
        self.options.markers.is_empty() && (self.counts || self.is_recorded())
    }

    /// What keeps the journal clean.
    pub(crate) const fn scrub(&self) -> &Scrub {
        &self.scrub
    }

    /// Who is asking. Counts the request.
    pub(crate) fn address(
        &self,
        turns: &[Turn],
        offers_tools: bool,
        conversation: Option<&str>,
    ) -> Address {
        // Counting is whole or not done, so a panic elsewhere leaves nothing half counted.
        let addressing = self.addressing.lock();
        addressing
            .unwrap_or_else(PoisonError::into_inner)
            .next(turns, offers_tools, conversation)
    }

    /// The entry that answers a request from this address. Counts it, where the script counts.
    pub(crate) fn scripted(
        &self,
        address: Address,
        model: &str,
        carried: &Carries<'_>,
    ) -> Option<(usize, &Entry)> {
        let asked = Asked {
            carried: Some(carried),
            ..address.asked(model, self.started.elapsed())
        };
        let script = &self.options.script;
        script.answer(&asked, self.options.seed, &mut self.lock().tally)
    }

    /// The entry that would answer a request from this address, of which nothing else is known.
    pub(crate) fn foreseen(&self, address: Address, model: &str) -> Option<(usize, &Entry)> {
        let asked = address.asked(model, self.started.elapsed());
        let script = &self.options.script;
        script.foresee(&asked, self.options.seed, &self.lock().tally)
    }

    /// How many requests an entry would have answered, had it not been left to chance.
    pub(crate) fn passed_over(&self, entry: usize) -> u64 {
        self.lock().tally.passed_over(entry)
    }

    /// What a request presents as its key.
    pub(crate) fn present(&self, key: Option<String>) -> Presented {
        Presented::read(key, &self.options.credentials)
    }

    /// Tool arguments that were sent broken, by the script or by a fault: they may come back as they are.
    pub(crate) fn raw_arguments(&self) -> Arc<[String]> {
        let raw = self.raw_arguments.lock();
        Arc::clone(&raw.unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers arguments that a fault may have broken.
    pub(crate) fn remember_arguments(&self, sent: impl Iterator<Item = String>) {
        // The list is replaced whole, so a panic elsewhere leaves nothing half done.
        let mut raw = self
            .raw_arguments
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = raw.iter().cloned().chain(sent).collect();
        // A provider may run for a long time: the newest are what still comes back.
        let newest = known.len().saturating_sub(REMEMBERED);
        *raw = known[newest..].into();
    }

    /// Carries no fault out from here on, and opens the door again if a fault has shut it.
    pub(crate) fn lift(&self) {
        self.lock().lifted = true;
        match self.lobby.reopen() {
            Ok(true) => self.record(Subject::CASE, Fact::ListenerReopened),
            Ok(false) => {}
            // The port is reserved, so only a kernel out of descriptors gets here; every later request is refused, and seen.
            Err(_) => {}
        }
    }

    pub(crate) fn lifted(&self) -> bool {
        self.lock().lifted
    }

    /// Records what became of a fault.
    pub(crate) fn record_fault(&self, subject: Subject, which: (usize, usize), fault: Fact) {
        self.count_fault(which, &fault);
        self.lock().recorded.insert(which);
        self.record(subject, fault);
    }

    fn count_fault(&self, (entry, index): (usize, usize), fact: &Fact) {
        let Fact::Fault { outcome, .. } = fact else {
            return;
        };
        let entry = self.options.script.entries.get(entry);
        if let Some(fault) = entry.and_then(|entry| entry.faults.get(index)) {
            let action = fault.action.name().to_string();
            self.lobby.metrics.fault(action, *outcome);
        }
    }

    /// Whether a fault of an entry was recorded.
    pub(crate) fn fault_was_recorded(&self, which: (usize, usize)) -> bool {
        self.lock().recorded.contains(&which)
    }

    /// Makes early faults ready, or none.
    pub(crate) fn set_ready(&self, ready: Option<Ready>) {
        self.lock().ready = ready;
    }

    /// Takes the early faults that are ready, if there are any for this place.
    pub(crate) fn take_ready(&self, early: Early) -> Option<Ready> {
        let mut state = self.lock();
        let lifted = state.lifted;
        state.ready.take_if(|ready| ready.has(early) && !lifted)
    }

    /// How much of the next request may be read before something happens to it.
    pub(crate) fn bytes_before_a_fault(&self) -> Option<usize> {
        let state = self.lock();
        let ready = state.ready.as_ref().filter(|_| !state.lifted);
        ready.and_then(Ready::bytes_of_request)
    }

    /// Counts an attempt whose request was never read.
    pub(crate) fn skip(&self, cut: Address) {
        let addressing = self.addressing.lock();
        addressing.unwrap_or_else(PoisonError::into_inner).skip(cut);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or insertion, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn raw_arguments(script: &Script) -> Vec<String> {
    let entries = script.entries.iter();
    let replies = entries.filter_map(|entry| entry.reply.as_ref());
    let calls = replies.flat_map(|reply| &reply.tool_calls);
    calls
        .filter_map(|call| call.raw_arguments.clone())
        .collect()
}

fn counts(script: &Script) -> bool {
    let mut conditions = script.entries.iter().map(|entry| &entry.when);
    conditions.any(|when| {
        let places = [when.run, when.call, when.attempt, when.every];
        places.iter().any(Option::is_some) || when.probability.is_some()
    })
}

fn looks_ahead(script: &Script) -> bool {
    let mut faults = script.faults();
    faults.any(|fault| {
        matches!(
            fault.point,
            Point::Connect | Point::Accept | Point::Tls | Point::Request { .. }
        )
    })
}

//! Faults that happen before a request has been read: when a connection is accepted, and while a request comes in.
//!
//! Whose request it will be nobody knows by then, so they are tied to what precedes them, as in `refusal`: once it is known what
//! the target will ask next, the faults of the entry that would answer *that* are made ready here, and happen to the next
//! connection or the next request. An attempt that was cut short like this was an attempt, and is counted.

use std::sync::Arc;

use fault_io::{Left, Tap, Verification};
use wire_faults::{Action, Fault, Point};

use crate::addressing::Address;
use crate::desk::Desk;
use crate::http;
use crate::scripted::{Leaves, Scripted};

/// Faults that are ready for what comes next.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// What is expected.
    next: Address,
    model: String,
    faults: Vec<Scripted>,
}

/// Where faults are that happen before a request has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Early {
    /// As a connection is accepted.
    Accept,
    /// In the handshake, once the client has said hello.
    Tls,
    /// In the handshake, by what is shown in it.
    Certificate,
    /// While a request is read.
    Request,
}

impl Early {
    const fn of(fault: &Fault) -> Option<Self> {
        match (fault.point, &fault.action) {
            (Point::Accept, _) => Some(Self::Accept),
            (Point::Tls, Action::ExpiredCertificate | Action::WrongName) => Some(Self::Certificate),
            (Point::Tls, _) => Some(Self::Tls),
            (Point::Request { .. }, _) => Some(Self::Request),
            _ => None,
        }
    }
}

impl Desk {
    /// Makes the early faults of what is expected next ready. Whether a new connection is needed for them.
    pub(crate) fn make_ready(&self, next: Address, model: &str) -> bool {
        let ready = self.foreseen(next, model).map(|(entry, scripted)| {
            let faults = scripted.faults.iter().enumerate();
            let early = faults.filter(|(_, fault)| Early::of(fault).is_some());
            let faults = early.map(|(index, fault)| Scripted {
                entry,
                index,
                subject: next.subject(),
                fault: fault.clone(),
            });
            Ready {
                next,
                model: model.to_owned(),
                faults: faults.collect(),
            }
        });
        let ready = ready.filter(|ready| !ready.faults.is_empty() && !self.lifted());
        let by_connection = [Early::Accept, Early::Tls, Early::Certificate];
        let needs = |ready: &Ready| by_connection.iter().any(|early| ready.has(*early));
        let needs_connection = ready.as_ref().is_some_and(needs);
        self.set_ready(ready);
        needs_connection
    }

    /// Carries out what is ready at this place, if anything is, and tells how that leaves the connection.
    ///
    /// # Errors
    ///
    /// The target leaves first.
    pub(crate) async fn happen_early(
        self: &Arc<Self>,
        early: Early,
        tap: &mut Tap,
    ) -> Result<Leaves, Left> {
        let Some(ready) = self.take_ready(early) else {
            return Ok(Leaves::Open);
        };
        let (here, later): (Vec<_>, Vec<_>) = { ready.faults.into_iter() }
            .partition(|scripted| Early::of(&scripted.fault) == Some(early));
        for scripted in here {
            if !self.is_reached(&scripted, tap).await? {
                continue;
            }
            let left = scripted.perform(self, tap).await;
            if !matches!(left, Ok(Leaves::Open)) {
                self.attempt_was_cut(ready.next, &ready.model);
            }
            match left? {
                Leaves::Open => {}
                leaves => return Ok(leaves),
            }
        }
        if !later.is_empty() {
            self.set_ready(Some(Ready {
                faults: later,
                next: ready.next,
                model: ready.model,
            }));
        }
        Ok(Leaves::Open)
    }

    /// Takes the fault that decides which certificate the next connection is shown, if one is ready.
    pub(crate) fn take_certificate(&self) -> Option<Foreseen> {
        let ready = self.take_ready(Early::Certificate)?;
        let (mut here, later): (Vec<_>, Vec<_>) = { ready.faults.into_iter() }
            .partition(|scripted| Early::of(&scripted.fault) == Some(Early::Certificate));
        if !later.is_empty() {
            self.set_ready(Some(Ready {
                faults: later,
                next: ready.next,
                model: ready.model.clone(),
            }));
        }
        let scripted = here.pop()?;
        Some(Foreseen {
            scripted,
            next: ready.next,
            model: ready.model,
        })
    }

    /// Reads as much of the request as the fault wants, of one that comes over a stream as much of the body. Whether there is so much.
    async fn is_reached(&self, scripted: &Scripted, tap: &mut Tap) -> Result<bool, Left> {
        let Point::Request { after_bytes } = scripted.fault.point else {
            return Ok(true);
        };
        let wanted = usize::try_from(after_bytes).unwrap_or(usize::MAX);
        while tap.inbound().len() < wanted {
            let length = tap.inbound().len();
            let is_whole = match tap.is_stream() {
                true => tap.has_heard_all(),
                false => http::is_whole(tap.inbound()),
            };
            if is_whole {
                scripted.inapplicable(self, &format!("the request has only {length} bytes"));
                return Ok(false);
            }
            tap.read_at_most(wanted - length).await?;
        }
        Ok(true)
    }

    /// An attempt ended before its request was read: it counts, and the next one is expected.
    fn attempt_was_cut(&self, cut: Address, model: &str) {
        self.skip(cut);
        let next = Address {
            attempt: cut.attempt + 1,
            ..cut
        };
        self.expect(next, model);
    }
}

/// A fault that is about to happen, and to whose attempt.
pub(crate) struct Foreseen {
    scripted: Scripted,
    next: Address,
    model: String,
}

impl Foreseen {
    pub(crate) const fn action(&self) -> &Action {
        &self.scripted.fault.action
    }

    /// Records what became of it, and counts the attempt where it was cut short.
    pub(crate) fn happened(self, desk: &Desk, verification: Verification, cut: bool) {
        self.scripted.record(desk, verification);
        if cut {
            desk.attempt_was_cut(self.next, &self.model);
        }
    }
}

impl Ready {
    pub(crate) fn has(&self, early: Early) -> bool {
        let places = self.faults.iter();
        { places }.any(|scripted| Early::of(&scripted.fault) == Some(early))
    }

    /// How much of the next request may be read before something happens; at least its first byte.
    pub(crate) fn bytes_of_request(&self) -> Option<usize> {
        let wanted = self
            .faults
            .iter()
            .filter_map(|scripted| match scripted.fault.point {
                Point::Request { after_bytes } => usize::try_from(after_bytes).ok(),
                _ => None,
            });
        wanted.min().map(|bytes| bytes.max(1))
    }
}

//! The fault `connect`: when the listener is closed, so that connections are refused.
//!
//! A refused connection cannot be seen by whoever refuses it, so the fault is tied to what precedes it. As an answer is over, it
//! is known what the target will ask next:
//!
//! - after tool calls, the next call of the run;
//! - after an answer without, the first call of the next run;
//! - after an error, or an answer that was cut short, the next attempt of the same call.
//!
//! If the entry that would answer *that* has a `connect` fault, the listener and the idle connections are closed there and then
//! (for call 1 of run 1: from the start), and stay closed until the faults are lifted. Attempts that are refused are not counted,
//! since nobody sees them: `attempt = 2` closes the listener after attempt 1 was answered. Faults that happen as a connection is
//! accepted or while a request is read are foreseen in the same way (`early`).

use fault_io::listens;
use journal::{Ended, Fact, FaultOutcome, Subject};
use wire_faults::Point;

use crate::addressing::Address;
use crate::desk::Desk;

impl Desk {
    /// Closes the listener from the start, where the script wants that.
    pub(crate) fn before_the_first_call(&self) {
        let first = Address {
            run: Some(1),
            call: 1,
            attempt: 1,
        };
        self.expect(first, "");
    }

    /// An answer is over. Whether the listener was closed with it.
    pub(crate) fn answered(
        &self,
        address: Address,
        model: &str,
        ended: Ended,
        finish: Option<&str>,
    ) -> bool {
        let Some(run) = address.run else {
            return false;
        };
        let next = match (ended, finish) {
            (Ended::Complete, Some("tool-calls")) => Address {
                call: address.call + 1,
                attempt: 1,
                ..address
            },
            (Ended::Complete, Some(_)) => Address {
                run: Some(run + 1),
                call: 1,
                attempt: 1,
            },
            _ => Address {
                attempt: address.attempt + 1,
                ..address
            },
        };
        self.expect(next, model)
    }

    /// This is what the target will ask next. Whether its connections were closed for it.
    pub(crate) fn expect(&self, next: Address, model: &str) -> bool {
        if self.refuse_if_scripted(next, model) {
            return true;
        }
        let needs_connection = self.make_ready(next, model);
        if needs_connection {
            self.lobby.close_idle();
        }
        needs_connection
    }

    fn refuse_if_scripted(&self, next: Address, model: &str) -> bool {
        let Some((entry, scripted)) = self.foreseen(next, model) else {
            return false;
        };
        let mut faults = scripted.faults.iter().enumerate();
        let Some((index, fault)) = faults.find(|(_, fault)| fault.point == Point::Connect) else {
            return false;
        };
        if self.lifted() || !self.lobby.door.shut() {
            return false;
        }
        self.record(Subject::CASE, Fact::ListenerClosed);
        self.lobby.close_idle();
        let refuses = self.refuses();
        let outcome = match refuses {
            true => FaultOutcome::Delivered,
            false => FaultOutcome::Undelivered,
        };
        self.record_fault(
            next.subject(),
            (entry, index),
            Fact::Fault {
                entry,
                point: fault.point.to_string(),
                action: fault.action.to_string(),
                outcome,
                expected: "nothing listens at the address".to_owned(),
                observed: match refuses {
                    true => "nothing listens at the address".to_owned(),
                    false => "something listens at the address".to_owned(),
                },
            },
        );
        true
    }

    /// Whether connections are refused, as the kernel tells it.
    fn refuses(&self) -> bool {
        match (self.lobby.door.tcp_address(), self.lobby.door.unix_path()) {
            (Some(address), _) => listens(address).is_ok_and(|listens| !listens),
            (None, Some(path)) => !path.exists(),
            (None, None) => false,
        }
    }
}

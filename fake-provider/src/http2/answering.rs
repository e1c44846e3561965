//! What is being answered on a connection, and what follows once nothing is. Knows no stream.

use std::collections::VecDeque;
use std::sync::Arc;

use fault_io::Tap;
use journal::{How, Side};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Served;
use crate::connection::Over;
use crate::desk::Desk;
use crate::scripted::{Leaves, Scripted};

/// What follows from a request.
pub(super) enum After {
    /// The connection goes on.
    GoesOn,
    /// It may go on; there is no whole answer.
    Cut,
    /// It goes on, and this happens to it once it is idle.
    Idle(Box<Idle>),
    /// It goes on until it is idle.
    Closes,
    /// It was ended.
    Closed {
        how: How,
        /// Whether the whole answer had left.
        whole: bool,
    },
}

/// A fault that happens to a connection that is idle.
pub(super) struct Idle {
    pub(super) scripted: Scripted,
    pub(super) desk: Arc<Desk>,
    /// Of the stream whose answer it follows.
    pub(super) tap: Tap,
}

impl Idle {
    async fn happen(mut self: Box<Self>) -> After {
        match self.scripted.perform(&self.desk, &mut self.tap).await {
            Ok(Leaves::Ended(how)) => After::Closed { how, whole: true },
            Ok(Leaves::Open | Leaves::Reset) | Err(_) => After::GoesOn,
        }
    }
}

/// What is being answered.
#[derive(Default)]
pub(super) struct Answering {
    tasks: JoinSet<After>,
    interrupted: CancellationToken,
    /// What happens once nothing is, in the order of the answers.
    idle: VecDeque<Box<Idle>>,
    /// Whether the connection is closed then.
    closes: bool,
    /// Whether an answer was not whole that has ended the connection.
    cut: bool,
}

impl Answering {
    /// Cancelled when the connection is over.
    pub(super) fn interrupted(&self) -> CancellationToken {
        self.interrupted.clone()
    }

    pub(super) fn begin(&mut self, answer: impl Future<Output = After> + Send + 'static) {
        self.tasks.spawn(answer);
    }

    /// The next request that is over; nothing where there is none.
    pub(super) async fn next(&mut self) -> Option<After> {
        let answered = self.tasks.join_next().await?;
        Some(answered.unwrap_or(After::Cut))
    }

    /// Whether nothing is being answered.
    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Does what follows from a request; how the connection is over, if it is.
    pub(super) fn follow(&mut self, after: After) -> Option<Over> {
        match after {
            After::GoesOn | After::Cut => {}
            After::Idle(idle) => self.idle.push_back(idle),
            After::Closes => self.closes = true,
            After::Closed { how, whole } => {
                self.cut |= !whole;
                return Some(Over::by_us(how));
            }
        }
        if !self.is_idle() {
            return None;
        }
        if let Some(idle) = self.idle.pop_front() {
            self.tasks.spawn(idle.happen());
            return None;
        }
        self.closes.then_some(Over::FIN)
    }

    /// The connection is over: nothing is answered any more, and what did not happen is recorded.
    pub(super) async fn finish(mut self, mut over: Option<Over>) -> Served {
        self.interrupted.cancel();
        let mut in_flight = self.cut;
        while let Some(after) = self.next().await {
            match after {
                After::Idle(idle) => self.idle.push_back(idle),
                // The peer has only followed.
                After::Closed { how, whole } => {
                    over = over.map(|_| Over::by_us(how));
                    in_flight |= !whole;
                }
                After::Cut => in_flight = true,
                After::GoesOn | After::Closes => {}
            }
        }
        for idle in self.idle {
            match over.map(|over| over.by) {
                // That the target has left is seen in the tap.
                Some(Side::Target) => drop(idle.happen().await),
                Some(_) => {
                    let reason = "the connection is not kept alive";
                    idle.scripted.inapplicable(&idle.desk, reason);
                }
                None => {}
            }
        }
        Served { over, in_flight }
    }
}

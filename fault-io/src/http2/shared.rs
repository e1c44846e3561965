//! What a connection of HTTP/2 and its streams know of each other: what is to be sent, how much may be, and what has left.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::How;
use tokio::sync::{Notify, watch};

use super::departed::Departed;
use super::frame::LARGEST;
use crate::kernel::KernelState;
use crate::tls::Farewell;

/// How much may be sent before anybody says more (RFC 9113, section 6.9.2).
const WINDOW: i64 = 65_535;

/// What a stream wants of its connection.
#[derive(Debug)]
pub(super) enum Order {
    /// That these frames leave.
    Send(Vec<u8>),
    /// That our side ends in good order.
    Finish,
    /// That it ends with a FIN and nothing else.
    Shut,
    /// That it ends with a fatal alert of TLS.
    Alert(u8),
    /// That the connection is reset.
    Reset,
}

/// How the connection was, when somebody last looked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) kernel: KernelState,
    pub(crate) drained: Option<bool>,
    pub(crate) farewell: Farewell,
    pub(crate) can_reset: bool,
}

/// How much of a stream may be sent, and whether the peer still wants it.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) window: i64,
    pub(super) is_reset: bool,
    /// Whether its request is whole, and somebody answers it.
    pub(super) is_begun: bool,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) orders: VecDeque<Order>,
    /// How many orders were given, and how many are done.
    pub(super) given: u64,
    pub(super) done: u64,
    pub(super) window: i64,
    /// The window of a new stream, and the largest payload, as the peer wants them.
    pub(super) initial: i64,
    pub(super) largest: usize,
    pub(super) flows: BTreeMap<u32, Flow>,
    pub(super) left: Option<How>,
    pub(super) departed: Departed,
    pub(super) look: Look,
}

#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The connection has something to do.
    pub(super) wanted: Notify,
    /// The streams may go on.
    changed: watch::Sender<()>,
}

impl Shared {
    pub(super) fn new(look: Look) -> Self {
        let state = State {
            orders: VecDeque::new(),
            given: 0,
            done: 0,
            window: WINDOW,
            initial: WINDOW,
            largest: LARGEST,
            flows: BTreeMap::new(),
            left: None,
            departed: Departed::default(),
            look,
        };
        Self {
            state: Mutex::new(state),
            wanted: Notify::new(),
            changed: watch::Sender::new(()),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done with it can fail halfway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the streams look whether they may go on.
    pub(super) fn tell(&self) {
        self.changed.send_replace(());
    }

    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

impl State {
    /// The peer wants another window for every stream (RFC 9113, section 6.9.2).
    pub(super) fn resize(&mut self, initial: i64) {
        let change = initial - self.initial;
        self.initial = initial;
        for flow in self.flows.values_mut() {
            flow.window += change;
        }
    }

    /// Gives an order; its number.
    pub(super) fn order(&mut self, order: Order) -> u64 {
        self.orders.push_back(order);
        self.given += 1;
        self.given
    }
}

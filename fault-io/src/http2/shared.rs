//! What a connection of HTTP/2 and its streams know of each other: what is to be sent, how much may be, and what has left.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::How;
use tokio::sync::{Notify, watch};

use super::departed::Departed;
use super::frame::{self, LARGEST, code};
use crate::kernel::KernelState;
use crate::tls::Farewell;

/// How much may be sent before anybody says more (RFC 9113, section 6.9.2): by us, and of all that nobody has taken by the peer.
pub(super) const WINDOW: i64 = 65_535;
/// The largest window there is (RFC 9113, section 6.9.1).
pub(super) const LARGEST_WINDOW: i64 = (1 << 31) - 1;

/// What a stream wants of its connection.
#[derive(Debug)]
pub(super) enum Order {
    /// That these frames leave.
    Send(Vec<u8>),
    /// Nothing more: a stream is over for us.
    Over(u32),
    /// That these frames leave, and with them our side ends in good order: between the two a peer would leave first.
    Farewell(Vec<u8>),
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
    /// How the peer had left, if it was seen to.
    pub(crate) left: Option<How>,
}

/// What goes to and fro on a stream: how much may be sent, what has come, and whether the peer still wants it.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) window: i64,
    pub(super) is_reset: bool,
    /// What has come of the request's body and nobody has taken.
    pub(super) inbound: Vec<u8>,
    /// How much of the peer's windows that has used up, with its padding.
    pub(super) used: i64,
    /// Whether the request is whole.
    pub(super) has_ended: bool,
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
    /// How much of the peer's window for the connection is used up.
    pub(super) used: i64,
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
            used: 0,
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
    ///
    /// # Errors
    ///
    /// One of them, or all that are to come, would be larger than there is.
    pub(super) fn resize(&mut self, initial: i64) -> Result<(), u32> {
        let change = initial - self.initial;
        self.initial = initial;
        for flow in self.flows.values_mut() {
            flow.window += change;
        }
        let mut windows = self.flows.values().map(|flow| flow.window);
        match initial > LARGEST_WINDOW || windows.any(|window| window > LARGEST_WINDOW) {
            true => Err(code::FLOW_CONTROL_ERROR),
            false => Ok(()),
        }
    }

    /// A stream on which nothing has been said but the head of a request.
    pub(super) fn open(&mut self, stream: u32) {
        let flow = Flow {
            window: self.initial,
            is_reset: false,
            inbound: Vec::new(),
            used: 0,
            has_ended: false,
        };
        self.flows.insert(stream, flow);
    }

    /// What has come of a request's body, which may be followed by as much; nothing where nothing has come since.
    pub(super) fn take(&mut self, stream: u32) -> Option<Vec<u8>> {
        let flow = self.flows.get_mut(&stream)?;
        if flow.used == 0 && !flow.has_ended {
            return None;
        }
        let used = std::mem::take(&mut flow.used);
        let bytes = std::mem::take(&mut flow.inbound);
        let has_ended = flow.has_ended;
        self.used -= used;
        if used > 0 {
            let more = u32::try_from(used).unwrap_or(0);
            let mut windows = frame::window(0, more);
            if !has_ended {
                windows.extend(frame::window(stream, more));
            }
            self.order(Order::Send(windows));
        }
        Some(bytes)
    }

    /// What is left to be said of a stream that is over for us, which is forgotten.
    pub(super) fn close(&mut self, stream: u32) -> Vec<u8> {
        let said = self.departed.frames(stream);
        self.departed.forget(stream);
        let Some(flow) = self.flows.remove(&stream) else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        if flow.used > 0 {
            self.used -= flow.used;
            frames.extend(frame::window(0, u32::try_from(flow.used).unwrap_or(0)));
        }
        let is_open = !flow.is_reset && said.reset.is_none();
        match (said.ended, flow.has_ended) {
            // Whoever has its answer need not send the rest (RFC 9113, section 8.1).
            (true, false) if is_open => frames.extend(frame::reset(stream, code::NO_ERROR)),
            (false, _) if is_open => frames.extend(frame::reset(stream, code::INTERNAL_ERROR)),
            _ => {}
        }
        frames
    }

    /// Gives an order; its number.
    pub(super) fn order(&mut self, order: Order) -> u64 {
        self.orders.push_back(order);
        self.given += 1;
        self.given
    }
}

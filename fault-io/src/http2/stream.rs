//! One answer's way to the connection that it shares with others. What it sends counts once the kernel has taken the whole frame.

use std::sync::Arc;

use journal::How;
use tokio::sync::watch;

use super::departed::Frames;
use super::frame::{self, LARGEST, flag, kind};
use super::shared::{Look, Order, Shared};
use crate::tap::Left;

/// A stream.
#[derive(Debug)]
pub(crate) struct Stream {
    id: u32,
    shared: Arc<Shared>,
    changed: watch::Receiver<()>,
}

impl Stream {
    pub(super) fn new(id: u32, shared: Arc<Shared>) -> Self {
        let changed = shared.watch();
        Self {
            id,
            shared,
            changed,
        }
    }

    /// Begins to count anew.
    pub(crate) fn begin(&mut self) {
        self.shared.state().departed.begin(self.id);
    }

    /// Waits for more of the request's body, and lets as much follow; nothing at the end of it.
    pub(crate) async fn read(&mut self) -> Result<Vec<u8>, Left> {
        loop {
            self.changed.mark_unchanged();
            let taken = self.shared.state().take(self.id);
            if let Some(bytes) = taken {
                self.shared.wanted.notify_one();
                return Ok(bytes);
            }
            self.gone()?;
            self.wait().await?;
        }
    }

    /// Whether the request is whole, and all of it has been read.
    pub(crate) fn has_heard_all(&self) -> bool {
        let state = self.shared.state();
        let flow = state.flows.get(&self.id);
        flow.is_none_or(|flow| flow.has_ended && flow.used == 0)
    }

    /// Sends as much as goes into one frame; how much that was. The first bytes of a response are its head, which leaves whole.
    pub(crate) async fn write(
        &mut self,
        bytes: &[u8],
        sent: usize,
        head: usize,
    ) -> Result<usize, Left> {
        if sent < head {
            let head = bytes.len().min(head - sent);
            let frames = frame::headers(self.id, &bytes[..head]);
            self.carried_out(Order::Send(frames)).await?;
            return Ok(head);
        }
        loop {
            self.changed.mark_unchanged();
            if let Some((length, number)) = self.data(bytes)? {
                self.done(number).await?;
                return Ok(length);
            }
            self.wait().await?;
        }
    }

    /// Orders as much as the peer takes now, in one frame; nothing while it takes nothing.
    fn data(&self, bytes: &[u8]) -> Result<Option<(usize, u64)>, Left> {
        self.gone()?;
        let mut state = self.shared.state();
        let largest = i64::try_from(state.largest.min(LARGEST).min(bytes.len())).unwrap_or(0);
        let Some(flow) = state.flows.get(&self.id) else {
            return Err(Left(How::Reset));
        };
        let length = largest.min(flow.window).min(state.window);
        let Some(bytes) = usize::try_from(length).ok().and_then(|l| bytes.get(..l)) else {
            return Ok(None);
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        state.window -= length;
        if let Some(flow) = state.flows.get_mut(&self.id) {
            flow.window -= length;
        }
        let frame = frame::frame(kind::DATA, 0, self.id, bytes);
        let number = state.order(Order::Send(frame));
        self.shared.wanted.notify_one();
        Ok(Some((bytes.len(), number)))
    }

    /// Ends the stream in good order.
    pub(crate) async fn end(&mut self) -> Result<(), Left> {
        let frame = frame::frame(kind::DATA, flag::END_STREAM, self.id, &[]);
        self.carried_out(Order::Send(frame)).await
    }

    pub(crate) async fn reset(&mut self, code: u32) -> Result<(), Left> {
        let frame = frame::reset(self.id, code);
        self.carried_out(Order::Send(frame)).await
    }

    pub(crate) async fn go_away(&mut self, code: u32) -> Result<(), Left> {
        let frame = frame::go_away(self.id, code);
        self.carried_out(Order::Farewell(frame)).await
    }

    pub(crate) async fn finish(&mut self) -> Result<(), Left> {
        self.carried_out(Order::Finish).await
    }

    pub(crate) async fn shut(&mut self) -> Result<(), Left> {
        self.carried_out(Order::Shut).await
    }

    pub(crate) async fn alert(&mut self, description: u8) -> Result<(), Left> {
        self.carried_out(Order::Alert(description)).await
    }

    pub(crate) async fn reset_connection(&mut self) -> Result<(), Left> {
        self.carried_out(Order::Reset).await
    }

    async fn carried_out(&mut self, order: Order) -> Result<(), Left> {
        self.gone()?;
        let number = self.shared.state().order(order);
        self.shared.wanted.notify_one();
        self.done(number).await
    }

    async fn done(&mut self, number: u64) -> Result<(), Left> {
        loop {
            self.changed.mark_unchanged();
            if self.shared.state().done >= number {
                return Ok(());
            }
            self.gone()?;
            self.wait().await?;
        }
    }

    /// Waits until the peer does not want it any more, or has left.
    pub(crate) async fn peer_leaves(&mut self) -> Left {
        loop {
            self.changed.mark_unchanged();
            if let Err(left) = self.gone() {
                return left;
            }
            if let Err(left) = self.wait().await {
                return left;
            }
        }
    }

    async fn wait(&mut self) -> Result<(), Left> {
        let changed = self.changed.changed().await;
        changed.map_err(|_| Left(How::Reset))
    }

    fn gone(&self) -> Result<(), Left> {
        self.left().map_or(Ok(()), |how| Err(Left(how)))
    }

    /// How the peer has left, or that it does not want this stream any more.
    pub(crate) fn left(&self) -> Option<How> {
        let state = self.shared.state();
        let is_reset = state.flows.get(&self.id).is_some_and(|flow| flow.is_reset);
        state.left.or(is_reset.then_some(How::Reset))
    }

    /// What has left of it, as it is read from the frames.
    pub(crate) fn seen(&self) -> (Vec<u8>, Frames, Look) {
        let state = self.shared.state();
        let wire = state.departed.wire(self.id).to_vec();
        (wire, state.departed.frames(self.id), state.look)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // What was ordered before leaves first.
        self.shared.state().order(Order::Over(self.id));
        self.shared.wanted.notify_one();
    }
}

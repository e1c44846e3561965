//! A connection of HTTP/2: it alone reads from its tap and writes to it. Streams tell it what to send, in the order in which they ask.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use journal::How;

use tokio::time::{Instant, sleep_until, timeout};

use super::arriving::{Arrived, Arriving, Frame, STREAMS};
use super::frame::{self, HEADER, LARGEST, code, kind};
use super::head::Asked;
use super::shared::{Look, Order, Shared};
use super::stream::Stream;
use crate::tap::{Left, Tap, Watch};

/// What a client says first (RFC 9113, section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a peer that was sent away may go on sending.
const LINGER: Duration = Duration::from_secs(10);
/// Settings that a peer is told (RFC 9113, section 6.5.2).
const MAX_CONCURRENT_STREAMS: u16 = 3;
const MAX_HEADER_LIST_SIZE: u16 = 6;

/// What a peer may make a connection hold, and for how long. What is in no bound here is bounded by flow control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a head, with 32 more for each of its fields (RFC 9113, section 6.5.2). What is beyond is left out of it.
    pub head_bytes: usize,
    /// Fields of a head, those that begin with a colon among them. What is beyond is left out of it.
    pub fields: usize,
    /// From the beginning of the preface, of a head, or of any frame but `DATA`, to its end; beyond, the connection is ended.
    pub head_within: Duration,
}

/// A connection.
pub struct Http2<'a> {
    tap: &'a mut Tap,
    shared: Arc<Shared>,
    arriving: Arriving,
    bounds: Bounds,
    /// When what has begun to come has to be there.
    due: Option<Instant>,
    /// Whether our side has ended.
    is_over: bool,
    /// Whether it has by a reset.
    is_reset: bool,
}

impl<'a> Http2<'a> {
    /// Of a tap whose peer begins, or has begun, with the [`PREFACE`].
    #[must_use]
    pub fn new(tap: &'a mut Tap, bounds: Bounds) -> Self {
        tap.begin(Watch::default());
        let shared = Arc::new(Shared::new(look(tap)));
        Self {
            tap,
            arriving: Arriving::new(Arc::clone(&shared), bounds),
            shared,
            bounds,
            due: None,
            is_over: false,
            is_reset: false,
        }
    }

    /// Reads and writes until the peer leaves; every request is handed on as soon as its head is whole, with a tap of its own, out of
    /// which its body is read. It must not be dropped before the connection is.
    ///
    /// # Errors
    ///
    /// The peer has left; else it was told to go away.
    pub async fn run(&mut self, mut begin: impl FnMut(Asked, Tap)) -> Result<(), Left> {
        let left = self.go_on(&mut begin).await;
        let look = look(self.tap);
        if !self.is_over {
            self.shared.state().look = look;
        }
        self.leave(left.err().map_or(How::Fin, |Left(how)| how));
        left
    }

    /// Nobody listens to what the streams say any more.
    fn leave(&self, how: How) {
        self.shared.state().left = Some(how);
        self.shared.tell();
    }

    async fn go_on(&mut self, begin: &mut impl FnMut(Asked, Tap)) -> Result<(), Left> {
        let preface = timeout(self.bounds.head_within, self.preface()).await;
        match preface {
            Ok(told) if told? => {}
            Ok(_) => return self.refuse(code::PROTOCOL_ERROR).await,
            Err(_) => return self.refuse(code::ENHANCE_YOUR_CALM).await,
        }
        self.send(&settings(&self.bounds)).await?;
        let shared = Arc::clone(&self.shared);
        loop {
            self.carry_out_orders().await?;
            if self.is_over {
                // What the peer still says is of no use to anybody.
                let unread = self.tap.inbound().len();
                self.tap.take(unread);
            } else if let Some(frame) = self.frame() {
                match frame.and_then(|frame| self.arriving.take(frame)) {
                    Ok(arrived) => self.reply(arrived, begin).await?,
                    Err(code) => return self.refuse(code).await,
                }
                self.due = self.due.filter(|_| self.arriving.is_in_a_head());
                continue;
            }
            let due = self.due();
            tokio::select! {
                biased;
                () = shared.wanted.notified() => {}
                // What follows a reset of ours is not the peer's leaving.
                arrived = self.tap.read(), if !self.is_reset => arrived?,
                () = until(due) => return self.refuse(code::ENHANCE_YOUR_CALM).await,
            }
        }
    }

    /// Reads the preface. Whether it is one.
    async fn preface(&mut self) -> Result<bool, Left> {
        while self.tap.inbound().len() < PREFACE.len() {
            self.tap.read().await?;
        }
        Ok(self.tap.take(PREFACE.len()) == PREFACE)
    }

    /// When the rest of a head or of a frame has to be there, if one has begun to come. How slowly a body comes is not our matter.
    fn due(&mut self) -> Option<Instant> {
        let begun = self.tap.inbound();
        let is_data = begun.get(3).is_some_and(|of| *of == kind::DATA);
        let is_begun = !self.is_over && !begun.is_empty() && !is_data;
        self.due = (is_begun || self.arriving.is_in_a_head()).then(|| {
            let due = self.due;
            due.unwrap_or_else(|| Instant::now() + self.bounds.head_within)
        });
        self.due
    }

    async fn carry_out_orders(&mut self) -> Result<(), Left> {
        while let Some(order) = self.next_order() {
            self.carry_out(order).await?;
        }
        Ok(())
    }

    fn next_order(&self) -> Option<Order> {
        self.shared.state().orders.pop_front()
    }

    async fn reply(
        &mut self,
        arrived: Arrived,
        begin: &mut impl FnMut(Asked, Tap),
    ) -> Result<(), Left> {
        if let Some((id, asked)) = arrived.request {
            self.shared.state().departed.begin(id);
            let stream = Stream::new(id, Arc::clone(&self.shared));
            begin(asked, Tap::of_stream(stream));
        }
        self.send(&arrived.replies).await
    }

    /// The next frame, if all of it has come.
    fn frame(&mut self) -> Option<Result<Frame, u32>> {
        let (header, rest) = self.tap.inbound().split_first_chunk::<HEADER>()?;
        let [a, b, c, kind, flags, s0, s1, s2, s3] = *header;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        if length > LARGEST {
            return Some(Err(code::FRAME_SIZE_ERROR));
        }
        if rest.len() < length {
            return None;
        }
        let payload = self.tap.take(HEADER + length).split_off(HEADER);
        let stream = u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]);
        Some(Ok(Frame {
            kind,
            flags,
            stream,
            payload,
        }))
    }

    async fn carry_out(&mut self, order: Order) -> Result<(), Left> {
        match order {
            // Nothing follows the end of our side.
            Order::Send(_) if self.is_over => {}
            Order::Send(bytes) => {
                self.arriving.conduct.earn();
                self.send(&bytes).await?;
            }
            Order::Farewell(_) if self.is_over => {}
            Order::Farewell(bytes) => {
                self.send(&bytes).await?;
                self.end(End::Finish).await?;
            }
            Order::Over(stream) => {
                let frames = self.shared.state().close(stream);
                if !self.is_over {
                    self.send(&frames).await?;
                }
            }
            Order::Finish => self.end(End::Finish).await?,
            Order::Shut => self.end(End::Shut).await?,
            Order::Alert(description) => self.end(End::Alert(description)).await?,
            Order::Reset => self.end(End::Reset).await?,
        }
        self.shared.state().done += 1;
        self.shared.tell();
        Ok(())
    }

    async fn end(&mut self, end: End) -> Result<(), Left> {
        match end {
            End::Finish => self.tap.say_goodbye().await?,
            End::Shut => self.tap.shut(),
            End::Alert(description) => self.tap.alert(description).await?,
            End::Reset => {
                self.tap.reset().await;
                self.is_reset = true;
            }
        }
        self.is_over = true;
        let look = look(self.tap);
        self.shared.state().look = look;
        Ok(())
    }

    /// Sends, and has what has left read again, whatever comes between.
    async fn send(&mut self, bytes: &[u8]) -> Result<(), Left> {
        let sent = match bytes.is_empty() {
            true => Ok(()),
            false => self.tap.send(bytes).await,
        };
        let mut state = self.shared.state();
        state.departed.left(self.tap.seen_to_leave());
        drop(state);
        self.tap.begin(Watch::default());
        sent
    }

    /// Tells the peer that it has made a mistake after which nothing makes sense.
    async fn refuse(&mut self, code: u32) -> Result<(), Left> {
        let last = self.arriving.last;
        self.send(&frame::go_away(last, code)).await?;
        self.end(End::Finish).await?;
        self.leave(How::Fin);
        // Closed with its bytes unread, the connection would be reset, and the peer might never read why.
        let gone = async {
            while self.tap.read().await.is_ok() {
                let unread = self.tap.inbound().len();
                self.tap.take(unread);
            }
        };
        let _ = timeout(LINGER, gone).await;
        Ok(())
    }
}

/// The settings that we begin with.
fn settings(bounds: &Bounds) -> Vec<u8> {
    let told = [
        (MAX_CONCURRENT_STREAMS, STREAMS),
        (MAX_HEADER_LIST_SIZE, bounds.head_bytes),
    ];
    let payload: Vec<u8> = { told.iter() }
        .flat_map(|(name, value)| {
            let value = u32::try_from(*value).unwrap_or(u32::MAX);
            name.to_be_bytes().into_iter().chain(value.to_be_bytes())
        })
        .collect();
    frame::frame(kind::SETTINGS, 0, 0, &payload)
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

enum End {
    Finish,
    Shut,
    Alert(u8),
    Reset,
}

fn look(tap: &Tap) -> Look {
    let seen = tap.observe();
    Look {
        kernel: seen.kernel,
        drained: seen.drained,
        farewell: seen.farewell,
        can_reset: seen.can_reset,
        left: seen.left,
    }
}

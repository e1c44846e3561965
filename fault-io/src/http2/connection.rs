//! A connection of HTTP/2: it alone reads from its tap and writes to it. Streams tell it what to send, in the order in which they ask.

use std::sync::Arc;

use journal::How;

use super::arriving::{Arrived, Arriving, Asked, Frame, code};
use super::frame::{self, HEADER, LARGEST, flag, kind};
use super::shared::{Flow, Look, Order, Shared};
use super::stream::Stream;
use crate::tap::{Left, Tap, Watch};

/// What a client says first (RFC 9113, section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How many streams may be open at once; those beyond are refused.
const STREAMS: usize = 256;
/// The largest window there is (RFC 9113, section 6.9.1).
const LARGEST_WINDOW: i64 = (1 << 31) - 1;

/// A connection.
pub struct Http2<'a> {
    tap: &'a mut Tap,
    shared: Arc<Shared>,
    arriving: Arriving,
    /// Whether our side has ended.
    is_over: bool,
}

impl<'a> Http2<'a> {
    /// Of a tap whose peer begins, or has begun, with the [`PREFACE`].
    #[must_use]
    pub fn new(tap: &'a mut Tap) -> Self {
        tap.begin(Watch::default());
        let look = look(tap);
        Self {
            tap,
            shared: Arc::new(Shared::new(look)),
            arriving: Arriving::new(),
            is_over: false,
        }
    }

    /// Reads and writes until the peer leaves; every request is handed on as soon as it is whole, with a tap of its own. It must
    /// not be dropped before the connection is.
    pub async fn run(&mut self, mut begin: impl FnMut(Asked, Tap)) -> Left {
        let left = match self.go_on(&mut begin).await {
            Ok(()) => Left(How::Fin),
            Err(left) => left,
        };
        let look = look(self.tap);
        let mut state = self.shared.state();
        state.left = Some(left.0);
        if !self.is_over {
            state.look = look;
        }
        drop(state);
        self.shared.tell();
        left
    }

    async fn go_on(&mut self, begin: &mut impl FnMut(Asked, Tap)) -> Result<(), Left> {
        while self.tap.inbound().len() < PREFACE.len() {
            self.tap.read().await?;
        }
        if self.tap.take(PREFACE.len()) != PREFACE {
            return self.refuse(code::PROTOCOL_ERROR).await;
        }
        let most = u32::try_from(STREAMS).unwrap_or(u32::MAX).to_be_bytes();
        let settings = [&[0, 3][..], &most].concat();
        self.send(&frame::frame(kind::SETTINGS, 0, 0, &settings))
            .await?;
        let shared = Arc::clone(&self.shared);
        loop {
            self.carry_out_orders().await?;
            if self.is_over {
                // What the peer still says is of no use to anybody.
                let unread = self.tap.inbound().len();
                self.tap.take(unread);
            } else if let Some(frame) = self.frame() {
                match frame.and_then(|frame| self.arrived(frame)) {
                    Ok(arrived) => self.reply(arrived, begin).await?,
                    Err(code) => return self.refuse(code).await,
                }
                continue;
            }
            tokio::select! {
                biased;
                () = shared.wanted.notified() => {}
                arrived = self.tap.read() => arrived?,
            }
        }
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
        match arrived {
            Arrived::Nothing(replies) => self.send(&replies).await,
            Arrived::Request(stream, asked, replies) => {
                self.send(&replies).await?;
                self.begin(stream, *asked, begin).await
            }
        }
    }

    async fn begin(
        &mut self,
        id: u32,
        asked: Asked,
        begin: &mut impl FnMut(Asked, Tap),
    ) -> Result<(), Left> {
        let shared = Arc::clone(&self.shared);
        let is_free = shared.state().flows.len() + self.arriving.len() <= STREAMS;
        if !is_free {
            shared.state().flows.remove(&id);
            return self.send(&frame::reset(id, code::REFUSED_STREAM)).await;
        }
        if let Some(flow) = shared.state().flows.get_mut(&id) {
            flow.is_begun = true;
        }
        let stream = Stream::new(id, shared);
        begin(asked, Tap::of_stream(stream));
        Ok(())
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

    fn arrived(&mut self, frame: Frame) -> Result<Arrived, u32> {
        let id = frame.stream;
        let arrived = self.taken(frame)?;
        let is_under_way = self.arriving.is_asking(id) || self.arriving.is_in_a_head();
        if !is_under_way && matches!(arrived, Arrived::Nothing(_)) {
            // What was refused, or given up, needs no window.
            let mut state = self.shared.state();
            state
                .flows
                .retain(|known, flow| *known != id || flow.is_begun);
        }
        Ok(arrived)
    }

    fn taken(&mut self, frame: Frame) -> Result<Arrived, u32> {
        if self.arriving.is_in_a_head() && frame.kind != kind::CONTINUATION {
            return Err(code::PROTOCOL_ERROR);
        }
        match frame.kind {
            kind::DATA => self.arriving.data(&frame),
            kind::HEADERS => {
                let id = frame.stream;
                let is_new = id > self.arriving.last;
                let arrived = self.arriving.headers(frame)?;
                if is_new {
                    let mut state = self.shared.state();
                    let window = state.initial;
                    let flow = Flow {
                        window,
                        is_reset: false,
                        is_begun: false,
                    };
                    state.flows.insert(id, flow);
                }
                Ok(arrived)
            }
            kind::CONTINUATION => self
                .arriving
                .more(frame.stream, frame.flags, &frame.payload),
            kind::RST_STREAM => self.stream_reset(&frame),
            kind::SETTINGS => self.settings(&frame),
            kind::PING if frame.payload.len() != 8 => Err(code::FRAME_SIZE_ERROR),
            kind::PING if frame.flags & flag::ACK == 0 => Ok(Arrived::Nothing(frame::frame(
                kind::PING,
                flag::ACK,
                0,
                &frame.payload,
            ))),
            kind::WINDOW_UPDATE => self.window(&frame),
            kind::PUSH_PROMISE => Err(code::PROTOCOL_ERROR),
            // GOAWAY, PRIORITY, and what nobody knows (RFC 9113, section 5.5).
            _ => Ok(Arrived::Nothing(Vec::new())),
        }
    }

    fn stream_reset(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        if frame.payload.len() != 4 {
            return Err(code::FRAME_SIZE_ERROR);
        }
        if frame.stream == 0 || frame.stream > self.arriving.last {
            return Err(code::PROTOCOL_ERROR);
        }
        let was_asking = self.arriving.is_asking(frame.stream);
        self.arriving.forget(frame.stream);
        let mut state = self.shared.state();
        if was_asking {
            state.flows.remove(&frame.stream);
        } else if let Some(flow) = state.flows.get_mut(&frame.stream) {
            flow.is_reset = true;
        }
        drop(state);
        self.shared.tell();
        Ok(Arrived::Nothing(Vec::new()))
    }

    fn settings(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        if frame.flags & flag::ACK != 0 {
            return Ok(Arrived::Nothing(Vec::new()));
        }
        if frame.stream != 0 {
            return Err(code::PROTOCOL_ERROR);
        }
        let (settings, rest) = frame.payload.as_chunks::<6>();
        if !rest.is_empty() {
            return Err(code::FRAME_SIZE_ERROR);
        }
        let mut state = self.shared.state();
        for [n0, n1, v0, v1, v2, v3] in settings {
            let value = i64::from(u32::from_be_bytes([*v0, *v1, *v2, *v3]));
            match u16::from_be_bytes([*n0, *n1]) {
                4 if value > LARGEST_WINDOW => return Err(code::FLOW_CONTROL_ERROR),
                4 => state.resize(value),
                5 => state.largest = usize::try_from(value).unwrap_or(LARGEST),
                _ => {}
            }
        }
        drop(state);
        self.shared.tell();
        let acknowledged = frame::frame(kind::SETTINGS, flag::ACK, 0, &[]);
        Ok(Arrived::Nothing(acknowledged))
    }

    fn window(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        let more: [u8; 4] = { frame.payload.as_slice() }
            .try_into()
            .map_err(|_| code::FRAME_SIZE_ERROR)?;
        let more = i64::from(u32::from_be_bytes(more) & 0x7fff_ffff);
        if more == 0 {
            return Err(code::PROTOCOL_ERROR);
        }
        let mut state = self.shared.state();
        let window = match frame.stream {
            0 => &mut state.window,
            stream => match state.flows.get_mut(&stream) {
                Some(flow) => &mut flow.window,
                None => return Ok(Arrived::Nothing(Vec::new())),
            },
        };
        *window += more;
        if *window > LARGEST_WINDOW {
            return Err(code::FLOW_CONTROL_ERROR);
        }
        drop(state);
        self.shared.tell();
        Ok(Arrived::Nothing(Vec::new()))
    }

    async fn carry_out(&mut self, order: Order) -> Result<(), Left> {
        match order {
            // Nothing follows the end of our side.
            Order::Send(_) if self.is_over => {}
            Order::Send(bytes) => self.send(&bytes).await?,
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
            End::Reset => self.tap.reset().await,
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
        self.end(End::Finish).await
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
    }
}

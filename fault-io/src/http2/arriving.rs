//! What the peer's frames change, within bounds: requests that begin, bodies that come, windows that open. Sends nothing; what has to be
//! answered at once is handed back.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::conduct::Conduct;
use super::connection::Bounds;
use super::frame::{self, LARGEST, code, flag, kind};
use super::head::{Asked, Heads};
use super::shared::{LARGEST_WINDOW, Shared, WINDOW};

/// How many streams may be open at once; those beyond are refused.
pub(super) const STREAMS: usize = 256;
/// A block of fields may be so many times as long as the head that is in it may be: beyond, it is not even read.
const LONGER: usize = 4;
/// Settings of a peer that have a range (RFC 9113, section 6.5.2).
const ENABLE_PUSH: u16 = 2;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
/// What the largest frame may be.
const FRAME_SIZES: RangeInclusive<i64> = 1 << 14..=(1 << 24) - 1;

/// A frame that has come.
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

/// What follows from a frame.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    /// These frames are sent.
    pub(super) replies: Vec<u8>,
    /// A request has begun on this stream.
    pub(super) request: Option<(u32, Asked)>,
}

impl Arrived {
    const fn replying(replies: Vec<u8>) -> Self {
        Self {
            replies,
            request: None,
        }
    }
}

/// A head that is not whole.
struct Block {
    stream: u32,
    ends: bool,
    bytes: Vec<u8>,
}

/// Everything that is known of what has come.
pub(super) struct Arriving {
    shared: Arc<Shared>,
    heads: Heads,
    most_of_a_block: usize,
    block: Option<Block>,
    /// Whether the peer has said its settings, with which it has to begin.
    has_greeted: bool,
    pub(super) conduct: Conduct,
    /// The highest stream that the peer has begun.
    pub(super) last: u32,
}

impl Arriving {
    pub(super) fn new(shared: Arc<Shared>, bounds: Bounds) -> Self {
        Self {
            shared,
            heads: Heads::new(bounds),
            most_of_a_block: bounds.head_bytes.saturating_mul(LONGER),
            block: None,
            has_greeted: false,
            conduct: Conduct::default(),
            last: 0,
        }
    }

    /// Whether nothing but the rest of a head may come now.
    pub(super) const fn is_in_a_head(&self) -> bool {
        self.block.is_some()
    }

    /// Takes a frame.
    ///
    /// # Errors
    ///
    /// The code of a mistake after which nothing makes sense.
    pub(super) fn take(&mut self, frame: Frame) -> Result<Arrived, u32> {
        if self.is_in_a_head() && frame.kind != kind::CONTINUATION {
            return Err(code::PROTOCOL_ERROR);
        }
        self.has_greeted |= frame.kind == kind::SETTINGS && frame.flags & flag::ACK == 0;
        if !self.has_greeted {
            return Err(code::PROTOCOL_ERROR);
        }
        self.conduct.frame()?;
        match frame.kind {
            kind::DATA => self.data(&frame).map(Arrived::replying),
            kind::HEADERS => self.headers(&frame),
            kind::CONTINUATION => self.more(frame.stream, frame.flags, &frame.payload),
            kind::RST_STREAM => self.reset(&frame),
            kind::SETTINGS => self.settings(&frame).map(Arrived::replying),
            kind::PING => ping(&frame).map(Arrived::replying),
            kind::WINDOW_UPDATE => self.window(&frame).map(Arrived::replying),
            kind::PUSH_PROMISE => Err(code::PROTOCOL_ERROR),
            kind::GOAWAY if frame.stream != 0 => Err(code::PROTOCOL_ERROR),
            kind::PRIORITY if frame.stream == 0 => Err(code::PROTOCOL_ERROR),
            kind::PRIORITY if frame.payload.len() != 5 => Err(code::FRAME_SIZE_ERROR),
            // GOAWAY, PRIORITY, and what nobody knows (RFC 9113, section 5.5).
            _ => Ok(Arrived::default()),
        }
    }

    fn headers(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        if frame.stream.is_multiple_of(2) {
            return Err(code::PROTOCOL_ERROR);
        }
        let mut payload = unpadded(frame)?;
        if frame.flags & flag::PRIORITY != 0 {
            payload = payload.get(5..).ok_or(code::FRAME_SIZE_ERROR)?;
        }
        self.block = Some(Block {
            stream: frame.stream,
            ends: frame.flags & flag::END_STREAM != 0,
            bytes: Vec::new(),
        });
        self.more(frame.stream, frame.flags, payload)
    }

    /// Takes `CONTINUATION`, or what `HEADERS` begin with.
    fn more(&mut self, stream: u32, flags: u8, payload: &[u8]) -> Result<Arrived, u32> {
        let Some(mut block) = self.block.take().filter(|block| block.stream == stream) else {
            return Err(code::PROTOCOL_ERROR);
        };
        block.bytes.extend_from_slice(payload);
        if block.bytes.len() > self.most_of_a_block {
            return Err(code::ENHANCE_YOUR_CALM);
        }
        if flags & flag::END_HEADERS == 0 {
            self.block = Some(block);
            return Ok(Arrived::default());
        }
        let asked = self.heads.read(&block.bytes)?;
        if stream <= self.last {
            return self.trailers(&block).map(Arrived::replying);
        }
        self.last = stream;
        let mut state = self.shared.state();
        let Some(asked) = asked else {
            return Ok(Arrived::replying(frame::reset(
                stream,
                code::PROTOCOL_ERROR,
            )));
        };
        if state.flows.len() >= STREAMS {
            return Ok(Arrived::replying(frame::reset(
                stream,
                code::REFUSED_STREAM,
            )));
        }
        state.open(stream);
        if let Some(flow) = state.flows.get_mut(&stream) {
            flow.has_ended = block.ends;
        }
        self.conduct.earn();
        Ok(Arrived {
            replies: Vec::new(),
            request: Some((stream, asked)),
        })
    }

    /// Fields after a body, of which nobody asks. Of a stream that is over for us they may have been under way.
    fn trailers(&self, block: &Block) -> Result<Vec<u8>, u32> {
        let mut state = self.shared.state();
        let Some(flow) = state.flows.get_mut(&block.stream) else {
            return Ok(Vec::new());
        };
        if flow.has_ended {
            return Err(code::STREAM_CLOSED);
        }
        if !block.ends {
            return Err(code::PROTOCOL_ERROR);
        }
        flow.has_ended = true;
        drop(state);
        self.shared.tell();
        Ok(Vec::new())
    }

    /// Takes `DATA`. Its part of the windows is given back as somebody takes it.
    fn data(&mut self, frame: &Frame) -> Result<Vec<u8>, u32> {
        if frame.stream == 0 || frame.stream > self.last {
            return Err(code::PROTOCOL_ERROR);
        }
        let payload = unpadded(frame)?;
        let used = u32::try_from(frame.payload.len()).unwrap_or(u32::MAX);
        let mut state = self.shared.state();
        let connection = state.used + i64::from(used);
        let Some(flow) = state.flows.get_mut(&frame.stream) else {
            // Of a stream that is over for us it may have been under way.
            return Ok(match used {
                0 => Vec::new(),
                used => frame::window(0, used),
            });
        };
        if flow.has_ended {
            return Err(code::STREAM_CLOSED);
        }
        flow.used += i64::from(used);
        if flow.used > WINDOW || connection > WINDOW {
            return Err(code::FLOW_CONTROL_ERROR);
        }
        flow.inbound.extend_from_slice(payload);
        flow.has_ended = frame.flags & flag::END_STREAM != 0;
        state.used = connection;
        drop(state);
        self.shared.tell();
        if !payload.is_empty() {
            self.conduct.earn();
        }
        Ok(Vec::new())
    }

    fn reset(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        if frame.payload.len() != 4 {
            return Err(code::FRAME_SIZE_ERROR);
        }
        if frame.stream == 0 || frame.stream > self.last {
            return Err(code::PROTOCOL_ERROR);
        }
        let mut state = self.shared.state();
        let was_open = state.flows.get_mut(&frame.stream).map(|flow| {
            flow.is_reset = true;
        });
        drop(state);
        self.shared.tell();
        if was_open.is_some() {
            self.conduct.taken_back()?;
        }
        Ok(Arrived::default())
    }

    fn settings(&mut self, frame: &Frame) -> Result<Vec<u8>, u32> {
        if frame.stream != 0 {
            return Err(code::PROTOCOL_ERROR);
        }
        match (frame.flags & flag::ACK, frame.payload.is_empty()) {
            (0, _) => {}
            (_, true) => return Ok(Vec::new()),
            (_, false) => return Err(code::FRAME_SIZE_ERROR),
        }
        let (settings, rest) = frame.payload.as_chunks::<6>();
        if !rest.is_empty() {
            return Err(code::FRAME_SIZE_ERROR);
        }
        let mut state = self.shared.state();
        for [n0, n1, v0, v1, v2, v3] in settings {
            let value = i64::from(u32::from_be_bytes([*v0, *v1, *v2, *v3]));
            match u16::from_be_bytes([*n0, *n1]) {
                ENABLE_PUSH if value > 1 => return Err(code::PROTOCOL_ERROR),
                INITIAL_WINDOW_SIZE => state.resize(value)?,
                MAX_FRAME_SIZE if !FRAME_SIZES.contains(&value) => {
                    return Err(code::PROTOCOL_ERROR);
                }
                MAX_FRAME_SIZE => state.largest = usize::try_from(value).unwrap_or(LARGEST),
                _ => {}
            }
        }
        drop(state);
        self.shared.tell();
        Ok(frame::frame(kind::SETTINGS, flag::ACK, 0, &[]))
    }

    fn window(&mut self, frame: &Frame) -> Result<Vec<u8>, u32> {
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
            stream if stream > self.last => return Err(code::PROTOCOL_ERROR),
            stream => match state.flows.get_mut(&stream) {
                Some(flow) => &mut flow.window,
                None => return Ok(Vec::new()),
            },
        };
        *window += more;
        if *window > LARGEST_WINDOW {
            return Err(code::FLOW_CONTROL_ERROR);
        }
        drop(state);
        self.shared.tell();
        Ok(Vec::new())
    }
}

fn ping(frame: &Frame) -> Result<Vec<u8>, u32> {
    if frame.stream != 0 {
        return Err(code::PROTOCOL_ERROR);
    }
    match (frame.payload.len(), frame.flags & flag::ACK) {
        (8, 0) => Ok(frame::frame(kind::PING, flag::ACK, 0, &frame.payload)),
        (8, _) => Ok(Vec::new()),
        _ => Err(code::FRAME_SIZE_ERROR),
    }
}

/// What is in a frame without its padding (RFC 9113, section 6.1).
fn unpadded(frame: &Frame) -> Result<&[u8], u32> {
    if frame.flags & flag::PADDED == 0 {
        return Ok(&frame.payload);
    }
    let (padding, rest) = frame.payload.split_first().ok_or(code::FRAME_SIZE_ERROR)?;
    let length = rest.len().checked_sub(usize::from(*padding));
    Ok(&rest[..length.ok_or(code::PROTOCOL_ERROR)?])
}

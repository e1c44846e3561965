//! Requests as they come in frames, of several streams at once, within bounds. Pure: what has to be answered at once is handed back.

use std::collections::BTreeMap;

use httlib_hpack::Decoder;

use super::block::is_sound;
use super::frame::{self, flag, kind};

/// Bytes of the requests that are under way on one connection; beyond, their streams are reset.
const MOST_BODIES: usize = 64 << 20;
/// Bytes of one head as it comes, and as it is meant.
const MOST_HEAD: usize = 64 << 10;
/// Fields of one head.
const MOST_FIELDS: usize = 256;
/// What a peer may have us remember of heads: the usual amount (RFC 9113, section 6.5.2).
const TABLE: u32 = 4_096;

/// Error codes (RFC 9113, section 7).
pub(super) mod code {
    pub(in crate::http2) const PROTOCOL_ERROR: u32 = 1;
    pub(in crate::http2) const FLOW_CONTROL_ERROR: u32 = 3;
    pub(in crate::http2) const FRAME_SIZE_ERROR: u32 = 6;
    pub(in crate::http2) const REFUSED_STREAM: u32 = 7;
    pub(in crate::http2) const COMPRESSION_ERROR: u32 = 9;
    pub(in crate::http2) const ENHANCE_YOUR_CALM: u32 = 11;
}

/// What was asked over a stream, without the way to answer it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `:method`.
    pub method: String,
    /// `:path`, with the query.
    pub path: String,
    /// `:authority`.
    pub authority: String,
    /// The other fields, in their order.
    pub fields: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A frame that has come.
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

/// What follows from a frame.
#[derive(Debug)]
pub(super) enum Arrived {
    /// Nothing, but that these frames are sent.
    Nothing(Vec<u8>),
    /// A whole request, and these frames.
    Request(u32, Box<Asked>, Vec<u8>),
}

/// The requests that are under way.
pub(super) struct Arriving {
    hpack: Decoder<'static>,
    block: Option<(u32, bool, Vec<u8>)>,
    asking: BTreeMap<u32, Asked>,
    bytes: usize,
    /// The highest stream that the peer has begun.
    pub(super) last: u32,
}

impl Arriving {
    pub(super) fn new() -> Self {
        Self {
            hpack: Decoder::with_dynamic_size(TABLE),
            block: None,
            asking: BTreeMap::new(),
            bytes: 0,
            last: 0,
        }
    }

    /// How many requests are under way.
    pub(super) fn len(&self) -> usize {
        self.asking.len()
    }

    /// Whether a request is under way on this stream.
    pub(super) fn is_asking(&self, stream: u32) -> bool {
        self.asking.contains_key(&stream)
    }

    /// Whether nothing but the rest of a head may come now.
    pub(super) fn is_in_a_head(&self) -> bool {
        self.block.is_some()
    }

    /// The peer does not go on with a stream.
    pub(super) fn forget(&mut self, stream: u32) {
        if let Some(asked) = self.asking.remove(&stream) {
            self.bytes -= asked.body.len();
        }
    }

    /// Takes `HEADERS`.
    pub(super) fn headers(&mut self, frame: Frame) -> Result<Arrived, u32> {
        if frame.stream.is_multiple_of(2) {
            return Err(code::PROTOCOL_ERROR);
        }
        let mut payload = unpadded(&frame)?;
        if frame.flags & flag::PRIORITY != 0 {
            payload = payload.get(5..).ok_or(code::FRAME_SIZE_ERROR)?.to_vec();
        }
        self.block = Some((
            frame.stream,
            frame.flags & flag::END_STREAM != 0,
            Vec::new(),
        ));
        self.more(frame.stream, frame.flags, &payload)
    }

    /// Takes `CONTINUATION`, or what `HEADERS` begin with.
    pub(super) fn more(&mut self, stream: u32, flags: u8, payload: &[u8]) -> Result<Arrived, u32> {
        let Some((whose, ends, mut block)) = self.block.take() else {
            return Err(code::PROTOCOL_ERROR);
        };
        if whose != stream {
            return Err(code::PROTOCOL_ERROR);
        }
        block.extend_from_slice(payload);
        if block.len() > MOST_HEAD {
            return Err(code::ENHANCE_YOUR_CALM);
        }
        if flags & flag::END_HEADERS == 0 {
            self.block = Some((whose, ends, block));
            return Ok(Arrived::Nothing(Vec::new()));
        }
        if !is_sound(&block) {
            return Err(code::COMPRESSION_ERROR);
        }
        let mut fields = Vec::new();
        let decoded = self.hpack.decode(&mut block, &mut fields);
        if decoded.is_err() || self.hpack.max_dynamic_size() > TABLE {
            return Err(code::COMPRESSION_ERROR);
        }
        if self.asking.contains_key(&stream) {
            // Trailers, of which nobody asks.
            return match ends {
                true => Ok(self.whole(stream, Vec::new())),
                false => Err(code::PROTOCOL_ERROR),
            };
        }
        if stream <= self.last {
            return Err(code::PROTOCOL_ERROR);
        }
        self.last = stream;
        let size = fields
            .iter()
            .map(|(name, value, _)| name.len() + value.len() + 32);
        if size.sum::<usize>() > 2 * MOST_HEAD || fields.len() > MOST_FIELDS {
            return Ok(Arrived::Nothing(frame::reset(
                stream,
                code::ENHANCE_YOUR_CALM,
            )));
        }
        let fields = fields.into_iter().map(|(name, value, _)| (name, value));
        match asked(fields) {
            None => Ok(Arrived::Nothing(frame::reset(stream, code::PROTOCOL_ERROR))),
            Some(asked) => {
                self.asking.insert(stream, asked);
                match ends {
                    true => Ok(self.whole(stream, Vec::new())),
                    false => Ok(Arrived::Nothing(Vec::new())),
                }
            }
        }
    }

    /// Takes `DATA`. What it has used up of the windows may come again.
    pub(super) fn data(&mut self, frame: &Frame) -> Result<Arrived, u32> {
        if frame.stream == 0 || frame.stream > self.last {
            return Err(code::PROTOCOL_ERROR);
        }
        let payload = unpadded(frame)?;
        let used = u32::try_from(frame.payload.len()).unwrap_or(0);
        let mut replies = Vec::new();
        if used > 0 {
            replies.extend(frame::window(0, used));
        }
        let Some(asked) = self.asking.get_mut(&frame.stream) else {
            // Of a stream that is over for us, it may have been under way.
            return Ok(Arrived::Nothing(replies));
        };
        if self.bytes + payload.len() > MOST_BODIES {
            self.forget(frame.stream);
            replies.extend(frame::reset(frame.stream, code::ENHANCE_YOUR_CALM));
            return Ok(Arrived::Nothing(replies));
        }
        self.bytes += payload.len();
        asked.body.extend_from_slice(&payload);
        if frame.flags & flag::END_STREAM != 0 {
            return Ok(self.whole(frame.stream, replies));
        }
        if used > 0 {
            replies.extend(frame::window(frame.stream, used));
        }
        Ok(Arrived::Nothing(replies))
    }

    fn whole(&mut self, stream: u32, replies: Vec<u8>) -> Arrived {
        let asked = self.asking.remove(&stream).unwrap_or_default();
        self.bytes -= asked.body.len();
        Arrived::Request(stream, Box::new(asked), replies)
    }
}

/// What is in a frame without its padding (RFC 9113, section 6.1).
fn unpadded(frame: &Frame) -> Result<Vec<u8>, u32> {
    if frame.flags & flag::PADDED == 0 || !matches!(frame.kind, kind::DATA | kind::HEADERS) {
        return Ok(frame.payload.clone());
    }
    let (padding, rest) = frame.payload.split_first().ok_or(code::FRAME_SIZE_ERROR)?;
    let length = rest.len().checked_sub(usize::from(*padding));
    Ok(rest[..length.ok_or(code::PROTOCOL_ERROR)?].to_vec())
}

/// What the fields ask; nothing if they are not as they should be (RFC 9113, section 8.3.1).
fn asked(fields: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) -> Option<Asked> {
    let mut asked = Asked::default();
    for (name, value) in fields {
        let name = String::from_utf8(name).ok()?;
        let value = String::from_utf8_lossy(&value).into_owned();
        let is_pseudo = name.starts_with(':');
        let broken = name.bytes().any(|byte| byte.is_ascii_uppercase())
            || value.contains(['\r', '\n', '\0'])
            || (is_pseudo && !asked.fields.is_empty());
        if broken {
            return None;
        }
        match name.as_str() {
            ":method" => asked.method = value,
            ":path" => asked.path = value,
            ":authority" => asked.authority = value,
            ":scheme" => {}
            "connection" | "transfer-encoding" | "upgrade" => return None,
            _ if is_pseudo => return None,
            _ => asked.fields.push((name, value)),
        }
    }
    (!asked.method.is_empty() && asked.path.starts_with('/')).then_some(asked)
}

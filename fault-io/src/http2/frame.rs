//! How frames are written (RFC 9113, section 6). Pure; what has left is read again by `departed`, which shares nothing with this.

/// Types of frames (RFC 9113, section 6).
pub(super) mod kind {
    pub(in crate::http2) const DATA: u8 = 0;
    pub(in crate::http2) const HEADERS: u8 = 1;
    pub(in crate::http2) const PRIORITY: u8 = 2;
    pub(in crate::http2) const RST_STREAM: u8 = 3;
    pub(in crate::http2) const SETTINGS: u8 = 4;
    pub(in crate::http2) const PUSH_PROMISE: u8 = 5;
    pub(in crate::http2) const PING: u8 = 6;
    pub(in crate::http2) const GOAWAY: u8 = 7;
    pub(in crate::http2) const WINDOW_UPDATE: u8 = 8;
    pub(in crate::http2) const CONTINUATION: u8 = 9;
}

/// Flags of frames. Of `SETTINGS` and `PING` the first is `ACK`.
pub(super) mod flag {
    pub(in crate::http2) const END_STREAM: u8 = 0x1;
    pub(in crate::http2) const ACK: u8 = 0x1;
    pub(in crate::http2) const END_HEADERS: u8 = 0x4;
    pub(in crate::http2) const PADDED: u8 = 0x8;
    pub(in crate::http2) const PRIORITY: u8 = 0x20;
}

/// Error codes (RFC 9113, section 7).
pub(super) mod code {
    pub(in crate::http2) const NO_ERROR: u32 = 0;
    pub(in crate::http2) const PROTOCOL_ERROR: u32 = 1;
    pub(in crate::http2) const INTERNAL_ERROR: u32 = 2;
    pub(in crate::http2) const FLOW_CONTROL_ERROR: u32 = 3;
    pub(in crate::http2) const STREAM_CLOSED: u32 = 5;
    pub(in crate::http2) const FRAME_SIZE_ERROR: u32 = 6;
    pub(in crate::http2) const REFUSED_STREAM: u32 = 7;
    pub(in crate::http2) const COMPRESSION_ERROR: u32 = 9;
    pub(in crate::http2) const ENHANCE_YOUR_CALM: u32 = 11;
}

/// Length of a frame's header in bytes.
pub(super) const HEADER: usize = 9;
/// The largest payload that everybody takes (RFC 9113, section 4.2).
pub(super) const LARGEST: usize = 16_384;

/// One frame. Its payload is no longer than [`LARGEST`].
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(&length.to_be_bytes()[1..]);
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A `RST_STREAM`.
pub(super) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// A `GOAWAY`.
pub(super) fn go_away(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(kind::GOAWAY, 0, 0, &payload)
}

/// A `WINDOW_UPDATE`.
pub(super) fn window(stream: u32, more: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, 0, stream, &more.to_be_bytes())
}

/// A head, which is written as a text, as `HEADERS` and as many `CONTINUATION`s as it takes.
pub(super) fn headers(stream: u32, head: &[u8]) -> Vec<u8> {
    let block = block(head);
    let mut frames = Vec::new();
    let mut pieces = block.chunks(LARGEST).peekable();
    let mut next = kind::HEADERS;
    while let Some(piece) = pieces.next() {
        let flags = match pieces.peek() {
            Some(_) => 0,
            None => flag::END_HEADERS,
        };
        frames.extend(frame(next, flags, stream, piece));
        next = kind::CONTINUATION;
    }
    frames
}

/// Every field as a literal that is never indexed (RFC 7541, section 6.2.2): nothing that a peer has to remember, so that a head
/// that does not leave spoils no other.
fn block(head: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split_terminator("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut block = Vec::with_capacity(head.len());
    field(&mut block, ":status", status.unwrap_or_default());
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        field(&mut block, name, value);
    }
    block
}

fn field(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0);
    for text in [name, value] {
        length(block, text.len());
        block.extend_from_slice(text.as_bytes());
    }
}

/// A number with a prefix of seven bits (RFC 7541, section 5.1).
fn length(block: &mut Vec<u8>, mut length: usize) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap_or(0));
        return;
    }
    block.push(127);
    length -= 127;
    while length >= 128 {
        block.push(u8::try_from(length % 128).unwrap_or(0) | 0x80);
        length /= 128;
    }
    block.push(u8::try_from(length).unwrap_or(0));
}

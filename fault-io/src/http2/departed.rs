//! The independent reader of the frames that have left: it has only the bytes that the kernel took, over TLS as they are read again
//! from the records. Shares no code with what writes them.

use std::collections::BTreeMap;

/// What the frames that left say about one stream and its connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frames {
    /// Whether the stream was ended in good order.
    pub ended: bool,
    /// The code with which the stream was reset.
    pub reset: Option<u32>,
    /// The last stream and the code of a `GOAWAY`.
    pub went_away: Option<(u32, u32)>,
    /// Whether anything left that is no frame, or no frame that may come here.
    pub unreadable: bool,
}

/// Everything that has left of a connection, of the streams that are remembered.
#[derive(Debug, Default)]
pub(super) struct Departed {
    rest: Vec<u8>,
    streams: BTreeMap<u32, Stream>,
    /// A head that is not whole, and whose.
    block: Option<(u32, Vec<u8>)>,
    went_away: Option<(u32, u32)>,
    unreadable: bool,
}

#[derive(Debug, Default)]
struct Stream {
    wire: Vec<u8>,
    ended: bool,
    reset: Option<u32>,
}

impl Departed {
    /// These bytes have left.
    pub(super) fn left(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while let Some((header, rest)) = self.rest.split_first_chunk::<9>() {
            let [a, b, c, kind, flags, s0, s1, s2, s3] = *header;
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            if rest.len() < length {
                return;
            }
            let stream = u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]);
            let payload = rest[..length].to_vec();
            self.rest.drain(..9 + length);
            self.unreadable |= self.frame((kind, flags), stream, payload).is_none();
        }
    }

    /// What has left of a stream: its head as a text, and its data.
    pub(super) fn wire(&self, stream: u32) -> &[u8] {
        self.streams.get(&stream).map_or(&[], |stream| &stream.wire)
    }

    /// See [`Frames`].
    pub(super) fn frames(&self, stream: u32) -> Frames {
        let known = self.streams.get(&stream);
        Frames {
            ended: known.is_some_and(|known| known.ended),
            reset: known.and_then(|known| known.reset),
            went_away: self.went_away,
            unreadable: self.unreadable,
        }
    }

    /// Begins to remember what leaves of a stream.
    pub(super) fn begin(&mut self, stream: u32) {
        self.streams.insert(stream, Stream::default());
    }

    /// Forgets what has left of a stream.
    pub(super) fn forget(&mut self, stream: u32) {
        self.streams.remove(&stream);
    }

    fn frame(&mut self, (kind, flags): (u8, u8), stream: u32, payload: Vec<u8>) -> Option<()> {
        let is_over = |stream: &Stream| stream.ended || stream.reset.is_some();
        match kind {
            0 => {
                let stream = self.streams.get_mut(&stream)?;
                if is_over(stream) || stream.wire.is_empty() {
                    return None;
                }
                stream.wire.extend_from_slice(&payload);
                stream.ended = flags & 1 != 0;
            }
            1 | 9 => {
                let begun = self.block.take();
                if begun.as_ref().map(|(whose, _)| *whose) != (kind == 9).then_some(stream) {
                    return None;
                }
                let mut block = begun.map(|(_, block)| block).unwrap_or_default();
                block.extend_from_slice(&payload);
                if flags & 4 == 0 {
                    self.block = Some((stream, block));
                    return Some(());
                }
                let head = text(&block)?;
                self.streams.get_mut(&stream)?.wire.extend(head);
            }
            3 => {
                let code = u32::from_be_bytes(payload.try_into().ok()?);
                // One that was refused has never been anybody's.
                if let Some(stream) = self.streams.get_mut(&stream) {
                    stream.reset = Some(code);
                }
            }
            7 => {
                let (last, code) = payload.split_first_chunk::<4>()?;
                let code = u32::from_be_bytes(*code.first_chunk()?);
                self.went_away = Some((u32::from_be_bytes(*last), code));
            }
            4 | 6 | 8 => {}
            _ => return None,
        }
        Some(())
    }
}

/// A block of literals (RFC 7541, section 6.2.2) as a text.
fn text(mut block: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    while let Some((0, rest)) = block.split_first() {
        let (name, rest) = string(rest)?;
        let (value, rest) = string(rest)?;
        match name {
            b":status" => text.extend([b"HTTP/1.1 ", value, b" \r\n"].concat()),
            _ => text.extend([name, b": ", value, b"\r\n"].concat()),
        }
        block = rest;
    }
    text.extend_from_slice(b"\r\n");
    block.is_empty().then_some(text)
}

/// A string that is not coded (RFC 7541, section 5.2), and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        return None;
    }
    if length == 0x7f {
        for shift in [0, 7, 14, 21] {
            let (more, after) = rest.split_first()?;
            rest = after;
            length += usize::from(more & 0x7f) << shift;
            if more & 0x80 == 0 {
                break;
            }
        }
    }
    rest.split_at_checked(length)
}

//! Request bodies: of a known length, or chunked. What is held grows with what came, never with what was promised. Knows no socket.

use super::Why;
use super::head::{Length, malformed};

/// The longest line between chunks, extensions included.
const LINE_MOST: usize = 4 * 1024;
/// So much may be told about a body beyond its bytes, with a few bytes more for every chunk: else a body of nothing would never end.
/// As Go's `net/http/internal/chunked.go` counts it.
const TALK_MOST: usize = 16 * 1024;
/// See [`TALK_MOST`].
const TALK_OF_A_CHUNK: usize = 16;

/// A body that is being read.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Vec<u8>,
    most: usize,
    stage: Stage,
    /// Bytes beyond the body's own that were not earned by it.
    talk: usize,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// So many bytes of the body are to come.
    Known(usize),
    /// The line before a chunk.
    Size,
    /// So many bytes of a chunk.
    Chunk(usize),
    /// The line break after a chunk.
    AfterChunk,
    /// Lines after the last chunk, which are dropped.
    Trailers,
    Whole,
}

const NO_SIZE: Why = malformed("a chunk of the request body has no size");

impl Body {
    /// A body of which nothing has come.
    pub(super) fn new(length: Length, most: usize) -> Result<Self, Why> {
        let stage = match length {
            Length::Known(0) => Stage::Whole,
            Length::Known(length) if length > most => return Err(Why::TooLarge(most)),
            Length::Known(length) => Stage::Known(length),
            Length::Chunked => Stage::Size,
        };
        Ok(Self {
            bytes: Vec::new(),
            most,
            stage,
            talk: 0,
        })
    }

    /// No body.
    pub(super) const fn none() -> Self {
        Self {
            bytes: Vec::new(),
            most: 0,
            stage: Stage::Whole,
            talk: 0,
        }
    }

    /// Takes what belongs to it; how much that was.
    pub(super) fn take(&mut self, inbound: &[u8]) -> Result<usize, Why> {
        let mut used = 0;
        while let Some(taken) = self.step(&inbound[used..])? {
            used += taken;
        }
        Ok(used)
    }

    pub(super) const fn is_whole(&self) -> bool {
        matches!(self.stage, Stage::Whole)
    }

    /// How many bytes are held.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// One step; nothing where that needs more than has come.
    fn step(&mut self, inbound: &[u8]) -> Result<Option<usize>, Why> {
        match self.stage {
            Stage::Whole => Ok(None),
            Stage::Known(left) => Ok(self.data(inbound, left, Stage::Known, Stage::Whole)),
            Stage::Chunk(left) => Ok(self.data(inbound, left, Stage::Chunk, Stage::AfterChunk)),
            Stage::AfterChunk => match inbound {
                [b'\r', b'\n', ..] => {
                    self.stage = Stage::Size;
                    Ok(Some(2))
                }
                [] | [b'\r'] => Ok(None),
                _ => Err(malformed(
                    "a chunk of the request body is longer than its size",
                )),
            },
            Stage::Size => {
                let Some(line) = line(inbound)? else {
                    return Ok(None);
                };
                self.chunk(size(line)?)?;
                self.told(line.len() + 2)?;
                Ok(Some(line.len() + 2))
            }
            Stage::Trailers => {
                let Some(line) = line(inbound)? else {
                    return Ok(None);
                };
                self.told(line.len() + 2)?;
                if line.is_empty() {
                    self.stage = Stage::Whole;
                }
                Ok(Some(line.len() + 2))
            }
        }
    }

    /// Takes what has come of `left` bytes.
    fn data(
        &mut self,
        inbound: &[u8],
        left: usize,
        rest: fn(usize) -> Stage,
        next: Stage,
    ) -> Option<usize> {
        let taken = left.min(inbound.len());
        self.bytes.extend_from_slice(&inbound[..taken]);
        self.stage = match left - taken {
            0 => next,
            left => rest(left),
        };
        (taken > 0).then_some(taken)
    }

    fn chunk(&mut self, size: usize) -> Result<(), Why> {
        if size > self.most.saturating_sub(self.bytes.len()) {
            return Err(Why::TooLarge(self.most));
        }
        self.stage = match size {
            0 => Stage::Trailers,
            size => Stage::Chunk(size),
        };
        let earned = size.saturating_mul(2).saturating_add(TALK_OF_A_CHUNK);
        self.talk = self.talk.saturating_sub(earned);
        Ok(())
    }

    fn told(&mut self, bytes: usize) -> Result<(), Why> {
        self.talk += bytes;
        match self.talk > TALK_MOST {
            true => Err(malformed(
                "the request body is nearly all talk of its chunks",
            )),
            false => Ok(()),
        }
    }
}

/// The size at the beginning of a line; what follows a semicolon is an extension (RFC 9112, section 7.1.1).
fn size(line: &[u8]) -> Result<usize, Why> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = digits.trim_ascii_end();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(NO_SIZE);
    }
    let text = std::str::from_utf8(digits).map_err(|_| NO_SIZE)?;
    // More than fits is more than is read.
    Ok(usize::from_str_radix(text, 16).unwrap_or(usize::MAX))
}

/// The next line, without its CRLF, once it has come.
fn line(inbound: &[u8]) -> Result<Option<&[u8]>, Why> {
    let known = &inbound[..inbound.len().min(LINE_MOST)];
    let Some(end) = known.iter().position(|byte| *byte == b'\n') else {
        return match known.len() {
            LINE_MOST => Err(NO_SIZE),
            _ => Ok(None),
        };
    };
    match known[..end].strip_suffix(b"\r") {
        Some(line) if !line.contains(&b'\r') => Ok(Some(line)),
        _ => Err(NO_SIZE),
    }
}

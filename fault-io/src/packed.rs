//! The bytes of a slow answer while they wait for their time. Ten thousand streams wait at once, and an event repeats most of the
//! one before it, so they wait compressed, in blocks that are opened one at a time. Knows nothing of what the bytes mean.

use std::ops::Range;

use lz4_flex::block::{compress_prepend_size, decompress_size_prepended};

/// Bytes of a block before it is compressed: little to open for one event, enough for one event to resemble another.
const BLOCK: usize = 4096;

/// Bytes that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    blocks: Vec<Box<[u8]>>,
    len: usize,
}

impl Packed {
    /// Packs bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let blocks = bytes.chunks(BLOCK);
        Self {
            blocks: blocks
                .map(|block| compress_prepend_size(block).into_boxed_slice())
                .collect(),
            len: bytes.len(),
        }
    }

    /// How many bytes there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Some of the bytes, as they were.
    pub(crate) fn bytes(&self, range: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(range.len());
        let mut at = range.start;
        while at < range.end {
            let (block, from) = (at / BLOCK, at % BLOCK);
            let opened = decompress_size_prepended(&self.blocks[block])
                .expect("was compressed by ourselves and has been in memory ever since");
            let to = opened.len().min(from + range.end - at);
            bytes.extend_from_slice(&opened[from..to]);
            at += to - from;
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_is_what_was_packed_and_an_event_resembles_the_last() {
        let event = |number: usize| {
            format!(
                "data: {{\"id\":\"chatcmpl-123456789012345678901234567\",\"object\":\"chat.completion.chunk\",\"text\":\"{number}\"}}\n\n"
            )
        };
        let bytes: Vec<u8> = (0..300)
            .flat_map(|number| event(number).into_bytes())
            .collect();
        let packed = Packed::of(&bytes);
        for (start, end) in [
            (0, bytes.len()),
            (0, 0),
            (4095, 4097),
            (1, 9000),
            (8192, 8192),
        ] {
            assert_eq!(
                packed.bytes(start..end),
                bytes[start..end],
                "{start}..{end}"
            );
        }
        let held: usize = packed.blocks.iter().map(|block| block.len()).sum();
        assert!(held * 4 < bytes.len(), "{held} of {}", bytes.len());
    }
}

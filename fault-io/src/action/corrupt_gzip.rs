//! A compressed body that is broken. Contract: the body before the place leaves as gzip (RFC 1952) in stored blocks (RFC 1951,
//! section 3.2.4), a frame staying a frame, so that a reader gets all of it; then a block of the type that is reserved
//! (section 3.2.3), and the body ends cleanly. The head says `content-encoding: gzip`.

use crate::action::{Action, Stage};
use crate::contract::Inapplicable;
use crate::draft::{Draft, Mark, Proof};

/// Deflate, no flags, no time, no system.
const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The last block, of type 3.
const RESERVED: &[u8] = &[0b111];

/// Most bytes of a stored block.
const STORED_MAX: usize = 0xffff;

/// The header of a stored block that is not the last.
fn stored(length: usize) -> [u8; 5] {
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    let [low, high] = length.to_le_bytes();
    [0, low, high, !low, !high]
}

#[derive(Debug)]
pub(super) struct CorruptGzip;

impl Action for CorruptGzip {
    fn stage(&self) -> Stage {
        Stage::Cut
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let before = draft.body_before(at)?;
        draft.cut_body(before);
        draft.set_header("content-encoding", "gzip");
        for frame in (0..draft.frames.len()).rev() {
            let bytes = draft.frames[frame].bytes.clone();
            let starts: Vec<_> = bytes.clone().step_by(STORED_MAX).collect();
            for start in starts.into_iter().rev() {
                let length = (bytes.end - start).min(STORED_MAX);
                draft.insert(frame, start, &stored(length));
            }
        }
        let broken = draft.frames.len();
        draft.insert_frame(broken, RESERVED, false);
        draft.insert(0, 0, HEADER);
        Ok(draft.until_end_of(broken))
    }
}

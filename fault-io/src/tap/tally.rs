//! What has left since the tally was begun: the bytes, the silences between them, and where one write ended.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::{Gap, Watch};

/// What has left.
pub(super) struct Tally {
    taken: Taken,
    pub(super) gaps: Vec<Gap>,
    pub(super) writes: Vec<usize>,
    last: Instant,
    pub(super) watch: Watch,
}

/// The bytes that the kernel has taken. While all of them are the beginning of one buffer, which they are unless somebody sends
/// other bytes in between, they are not copied.
enum Taken {
    Shared(Bytes, usize),
    Copied(Vec<u8>),
    /// Only how many.
    Counted(usize),
}

impl Tally {
    pub(super) fn begin(watch: Watch) -> Self {
        let mut tally = Self {
            taken: Taken::Shared(Bytes::new(), 0),
            gaps: Vec::new(),
            writes: Vec::new(),
            last: Instant::now(),
            watch,
        };
        tally.tell_head();
        tally
    }

    /// What has left.
    pub(super) fn sent(&self) -> &[u8] {
        match &self.taken {
            Taken::Shared(bytes, length) => &bytes[..*length],
            Taken::Copied(bytes) => bytes,
            Taken::Counted(_) => &[],
        }
    }

    /// How many bytes have left.
    pub(super) fn len(&self) -> usize {
        match &self.taken {
            Taken::Counted(length) => *length,
            _ => self.sent().len(),
        }
    }

    /// Counts bytes that are not kept; none before them is either.
    pub(super) fn count_uncopied(&mut self, bytes: usize) {
        let at = self.len();
        self.last = Instant::now();
        self.taken = Taken::Counted(at + bytes);
        self.tell_head();
    }

    /// How long nothing has left.
    pub(super) fn since(&self) -> Duration {
        self.last.elapsed()
    }

    /// Counts bytes that are no part of anything shared.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        let at = self.note();
        let mut all = self.sent().to_vec();
        all.extend_from_slice(bytes);
        self.taken = Taken::Copied(all);
        self.written(at + bytes.len());
    }

    /// Counts a part of a shared buffer.
    pub(super) fn count_shared(&mut self, source: &Bytes, part: Range<usize>) {
        let at = self.note();
        let end = part.end;
        match &mut self.taken {
            Taken::Shared(_, 0) if part.start == 0 => {
                self.taken = Taken::Shared(source.clone(), end);
            }
            Taken::Shared(bytes, length)
                if *length == part.start && bytes.as_ptr() == source.as_ptr() =>
            {
                *length = end;
            }
            Taken::Shared(..) => {
                let mut all = self.sent().to_vec();
                all.extend_from_slice(&source[part.clone()]);
                self.taken = Taken::Copied(all);
            }
            Taken::Copied(all) => all.extend_from_slice(&source[part.clone()]),
            Taken::Counted(length) => *length += part.len(),
        }
        self.written(at + part.len());
    }

    /// Notes the silence before the next byte; how many bytes are before it.
    fn note(&mut self) -> usize {
        let now = Instant::now();
        let lasted = now - self.last;
        let at = self.len();
        if !lasted.is_zero() {
            self.gaps.push(Gap { at, lasted });
        }
        self.last = now;
        at
    }

    fn written(&mut self, end: usize) {
        self.writes.push(end);
        self.tell_head();
    }

    fn tell_head(&mut self) {
        let whole = self.watch.head > 0 && self.len() >= self.watch.head;
        if whole && let Some(head_left) = self.watch.head_left.take() {
            head_left();
        }
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tally")
            .field("bytes", &self.len())
            .field("gaps", &self.gaps)
            .finish_non_exhaustive()
    }
}

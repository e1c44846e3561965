//! Everything a run has told, kept so that any number of readers see all of it from the start. Knows frames, not events.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

/// How much of a run's progress is kept. Its ending is always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogBound {
    /// Most frames of progress.
    pub frames: usize,
    /// Most bytes of progress.
    pub bytes: usize,
}

/// The frames of one run, in order. Appended to by the run alone; read by anyone, at any time, from any position.
#[derive(Debug)]
pub(super) struct EventLog {
    bound: LogBound,
    state: Mutex<State>,
    grown: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    frames: Vec<Bytes>,
    bytes: usize,
    omitted: u64,
    ended: bool,
}

/// What a reader finds at its position.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The next frame.
    Frame(Bytes),
    /// Nothing yet; more may come.
    Nothing,
    /// Nothing, and nothing will come.
    End,
}

impl EventLog {
    /// An empty log.
    pub(super) fn new(bound: LogBound) -> Self {
        Self {
            bound,
            state: Mutex::default(),
            grown: watch::Sender::new(()),
        }
    }

    /// Appends progress. Beyond the bound it is counted instead of kept; after the end it is ignored.
    pub(super) fn progress(&self, frame: Bytes) {
        let mut state = self.lock();
        if state.ended {
            return;
        }
        let full = state.frames.len() >= self.bound.frames
            || state.bytes.saturating_add(frame.len()) > self.bound.bytes;
        // Once something is left out, everything after it is: a hole in the middle would read as the whole text.
        if full || state.omitted > 0 {
            state.omitted += 1;
            return;
        }
        state.bytes += frame.len();
        state.frames.push(frame);
        drop(state);
        self.grown.send_replace(());
    }

    /// Appends the ending and closes the log. Whatever was left out is owned up to in a comment, which clients skip.
    pub(super) fn end(&self, frames: Vec<Bytes>) {
        let mut state = self.lock();
        if state.ended {
            return;
        }
        if state.omitted > 0 {
            let comment = format!(": {} events omitted\n\n", state.omitted);
            state.frames.push(Bytes::from(comment));
        }
        state.bytes += frames.iter().map(Bytes::len).sum::<usize>();
        state.frames.extend(frames);
        state.ended = true;
        drop(state);
        self.grown.send_replace(());
    }

    /// What stands at `position`, counted in frames from the start.
    pub(super) fn find(&self, position: usize) -> Found {
        let state = self.lock();
        match state.frames.get(position) {
            Some(frame) => Found::Frame(frame.clone()),
            None if state.ended => Found::End,
            None => Found::Nothing,
        }
    }

    /// Tells of every growth from now on. Subscribe first, then [`find`](Self::find): nothing is missed.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.grown.subscribe()
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(log: &EventLog) -> Vec<String> {
        let mut seen = Vec::new();
        while let Found::Frame(frame) = log.find(seen.len()) {
            seen.push(String::from_utf8(frame.to_vec()).unwrap());
        }
        seen
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let log = EventLog::new(LogBound {
            frames: 10,
            bytes: 1000,
        });
        log.progress(Bytes::from_static(b"a"));
        assert_eq!(log.find(1), Found::Nothing);
        log.end(vec![Bytes::from_static(b"end")]);
        log.progress(Bytes::from_static(b"late"));
        log.end(vec![Bytes::from_static(b"second end")]);
        assert_eq!(all(&log), ["a", "end"]);
        assert_eq!(log.find(2), Found::End);
    }

    #[test]
    fn beyond_the_bound_progress_is_counted_and_the_ending_kept() {
        let log = EventLog::new(LogBound {
            frames: 10,
            bytes: 4,
        });
        for frame in ["abc", "de", "f"] {
            log.progress(Bytes::from_static(frame.as_bytes()));
        }
        log.end(vec![Bytes::from_static(b"a long ending")]);
        assert_eq!(
            all(&log),
            ["abc", ": 2 events omitted\n\n", "a long ending"]
        );

        let few = EventLog::new(LogBound {
            frames: 1,
            bytes: 100,
        });
        few.progress(Bytes::from_static(b"1"));
        few.progress(Bytes::from_static(b"2"));
        few.end(Vec::new());
        assert_eq!(all(&few), ["1", ": 1 events omitted\n\n"]);
    }
}

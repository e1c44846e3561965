//! What a provider remembers of its answers, for requests that refer to an earlier one instead of repeating it. Bounded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use journal::SeenToolCall;

use crate::addressing::Turn;
use crate::room::{Holds, Room};

/// So many answers are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 1024;

/// So many bytes of conversations are remembered. One that is longer is not: it grows with every answer that continues it.
const REMEMBERED_BYTES: usize = 128 * 1024 * 1024;

/// What an entry takes beside what it holds.
const ENTRY_BYTES: usize = size_of::<(String, Remembered)>() + 32;

/// Answers by their ids.
#[derive(Debug)]
pub(crate) struct Memory {
    room: Arc<Room>,
    bytes: AtomicUsize,
    known: Mutex<IndexMap<String, Remembered>>,
}

impl Default for Memory {
    /// One with a room of its own.
    fn default() -> Self {
        Self::of(Arc::new(Room::of(REMEMBERED_BYTES)))
    }
}

/// An answer that is remembered.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// The turns up to and with it.
    pub(crate) turns: Arc<[Turn]>,
    /// The answer once more as JSON, where it can be asked for by its id.
    pub(crate) document: Arc<[u8]>,
}

impl From<Vec<Turn>> for Remembered {
    fn from(turns: Vec<Turn>) -> Self {
        Self {
            turns: turns.into(),
            document: Arc::default(),
        }
    }
}

impl Memory {
    /// One that holds as much as there is room for.
    pub(crate) fn within(room: &Arc<Room>) -> Arc<Self> {
        let memory = Arc::new(Self::of(Arc::clone(room)));
        let weak = Arc::downgrade(&memory);
        room.enter(weak);
        memory
    }

    fn of(room: Arc<Room>) -> Self {
        Self {
            room,
            bytes: AtomicUsize::new(0),
            known: Mutex::default(),
        }
    }

    /// The turns up to and with this answer.
    pub(crate) fn recall(&self, id: &str) -> Option<Arc<[Turn]>> {
        self.known().get(id).map(|answer| Arc::clone(&answer.turns))
    }

    /// This answer once more.
    pub(crate) fn document(&self, id: &str) -> Option<Arc<[u8]>> {
        let known = self.known();
        let answer = known.get(id);
        answer.map(|answer| Arc::clone(&answer.document))
    }

    /// Remembers an answer.
    pub(crate) fn remember(&self, id: String, answer: Remembered) {
        let bytes = bytes_of(&id, &answer);
        let mut known = self.known();
        self.let_go(&id, known.shift_remove(&id));
        if bytes > REMEMBERED_BYTES {
            return;
        }
        while known.len() >= REMEMBERED || self.bytes() + bytes > REMEMBERED_BYTES {
            self.let_go_oldest(&mut known);
        }
        self.room.take(bytes);
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        known.insert(id, answer);
        drop(known);
        self.room.settle();
    }

    /// Forgets an answer. Whether it was known.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let forgotten = self.known().shift_remove(id);
        self.let_go(id, forgotten)
    }

    fn let_go_oldest(&self, known: &mut IndexMap<String, Remembered>) -> bool {
        match known.shift_remove_index(0) {
            Some((id, answer)) => self.let_go(&id, Some(answer)),
            None => false,
        }
    }

    /// An answer is not known any more. Whether it was.
    fn let_go(&self, id: &str, answer: Option<Remembered>) -> bool {
        let bytes = answer.as_ref().map_or(0, |answer| bytes_of(id, answer));
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.room.give_back(bytes);
        answer.is_some()
    }

    fn known(&self) -> MutexGuard<'_, IndexMap<String, Remembered>> {
        // Every change is whole or not done, so a panic elsewhere leaves nothing half remembered.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holds for Memory {
    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    fn forget_oldest(&self) -> bool {
        self.let_go_oldest(&mut self.known())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.room.give_back(self.bytes());
    }
}

/// What an answer takes.
fn bytes_of(id: &str, answer: &Remembered) -> usize {
    ENTRY_BYTES + id.len() + bytes(&answer.turns) + answer.document.len()
}

/// What a conversation holds.
fn bytes(turns: &[Turn]) -> usize {
    let texts = turns.iter().map(|turn| match turn {
        Turn::User(text) | Turn::Said(text) => text.len(),
        Turn::Assistant(calls) => calls.iter().map(call_bytes).sum(),
        Turn::Result(result) => result.id.len() + result.content.len(),
        Turn::Other => 0,
    });
    size_of_val(turns) + texts.sum::<usize>()
}

fn call_bytes(call: &SeenToolCall) -> usize {
    size_of_val(call) + call.id.len() + call.tool.len() + call.arguments.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answer_is_forgotten_first() {
        let memory = Memory::default();
        for number in 0..=REMEMBERED {
            memory.remember(number.to_string(), vec![Turn::Other].into());
        }
        assert_eq!(memory.recall("0"), None);
        assert_eq!(
            memory.recall("1").as_deref(),
            Some([Turn::Other].as_slice())
        );
        assert!(memory.forget("1") && !memory.forget("1"));
    }

    #[test]
    fn what_is_remembered_again_is_remembered_once() {
        let memory = Memory::default();
        for number in 0..REMEMBERED {
            memory.remember(number.to_string(), Vec::new().into());
        }
        memory.remember("7".into(), vec![Turn::Other].into());
        assert!(memory.recall("0").is_some());
        assert_eq!(
            memory.recall("7").as_deref(),
            Some([Turn::Other].as_slice())
        );
    }

    #[test]
    fn only_so_many_bytes_are_remembered() {
        let memory = Memory::default();
        let said = |bytes: usize| vec![Turn::Said("a".repeat(bytes))].into();
        for id in ["a", "b", "c"] {
            memory.remember(id.into(), said(REMEMBERED_BYTES / 2 - 1000));
        }
        assert!(memory.recall("a").is_none());
        assert!(memory.recall("b").is_some() && memory.recall("c").is_some());
        // Longer than everything that is remembered: it costs no other its place.
        memory.remember("d".into(), said(REMEMBERED_BYTES));
        assert!(memory.recall("d").is_none());
        assert!(memory.recall("b").is_some() && memory.forget("b"));
        memory.remember("e".into(), said(REMEMBERED_BYTES / 2 - 1000));
        assert!(memory.recall("c").is_some() && memory.recall("e").is_some());
    }

    #[test]
    fn all_namespaces_together_remember_only_so_much() {
        let room = Arc::new(Room::of(100_000));
        let said = |bytes: usize| vec![Turn::Said("a".repeat(bytes))].into();
        let (quiet, busy) = (Memory::within(&room), Memory::within(&room));
        quiet.remember("q".into(), said(1_000));
        for number in 0..100 {
            busy.remember(number.to_string(), said(10_000));
        }
        assert!(quiet.recall("q").is_some());
        assert!(busy.recall("90").is_none() && busy.recall("99").is_some());
        assert!(quiet.bytes() + busy.bytes() <= 100_000);
        drop(busy);
        for number in 0..8 {
            quiet.remember(number.to_string(), said(10_000));
        }
        assert!(quiet.recall("q").is_some());
    }
}

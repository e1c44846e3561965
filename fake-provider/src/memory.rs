//! What a provider remembers of its answers, for requests that refer to an earlier one instead of repeating it. Bounded.

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use journal::SeenToolCall;

use crate::addressing::Turn;

/// So many answers are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 1024;

/// So many bytes of conversations are remembered. One that is longer is not: it grows with every answer that continues it.
const REMEMBERED_BYTES: usize = 128 * 1024 * 1024;

/// Answers by their ids.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    answers: Mutex<Answers>,
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

#[derive(Debug, Default)]
struct Answers {
    known: IndexMap<String, Remembered>,
    bytes: usize,
}

impl Memory {
    /// The turns up to and with this answer.
    pub(crate) fn recall(&self, id: &str) -> Option<Arc<[Turn]>> {
        // Every change is whole or not done, so a panic elsewhere leaves nothing half remembered.
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .known
            .get(id)
            .map(|answer| Arc::clone(&answer.turns))
    }

    /// This answer once more.
    pub(crate) fn document(&self, id: &str) -> Option<Arc<[u8]>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.known.get(id);
        answer.map(|answer| Arc::clone(&answer.document))
    }

    /// Remembers an answer.
    pub(crate) fn remember(&self, id: String, answer: Remembered) {
        let bytes = answer.bytes();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.forget(&id);
        if bytes > REMEMBERED_BYTES {
            return;
        }
        while answers.known.len() >= REMEMBERED || answers.bytes + bytes > REMEMBERED_BYTES {
            answers.forget_oldest();
        }
        answers.bytes += bytes;
        answers.known.insert(id, answer);
    }

    /// Forgets an answer. Whether it was known.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.forget(id)
    }
}

impl Answers {
    fn forget(&mut self, id: &str) -> bool {
        let forgotten = self.known.shift_remove(id);
        self.bytes -= forgotten.as_ref().map_or(0, Remembered::bytes);
        forgotten.is_some()
    }

    fn forget_oldest(&mut self) {
        if let Some((_, answer)) = self.known.shift_remove_index(0) {
            self.bytes -= answer.bytes();
        }
    }
}

impl Remembered {
    /// What it holds.
    fn bytes(&self) -> usize {
        bytes(&self.turns) + self.document.len()
    }
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
            memory.remember(id.into(), said(REMEMBERED_BYTES / 2 - 100));
        }
        assert!(memory.recall("a").is_none());
        assert!(memory.recall("b").is_some() && memory.recall("c").is_some());
        // Longer than everything that is remembered: it costs no other its place.
        memory.remember("d".into(), said(REMEMBERED_BYTES));
        assert!(memory.recall("d").is_none());
        assert!(memory.recall("b").is_some() && memory.forget("b"));
        memory.remember("e".into(), said(REMEMBERED_BYTES / 2 - 100));
        assert!(memory.recall("c").is_some() && memory.recall("e").is_some());
    }
}

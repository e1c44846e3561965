//! What a provider remembers of its answers, for requests that refer to an earlier one instead of repeating it. Bounded.

use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;

use crate::addressing::Turn;

/// So many answers are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 1024;

/// Answers by their ids.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    answers: Mutex<IndexMap<String, Remembered>>,
}

/// An answer that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// The turns up to and with it.
    pub(crate) turns: Vec<Turn>,
    /// The answer once more as JSON, where it can be asked for by its id.
    pub(crate) document: Vec<u8>,
}

impl From<Vec<Turn>> for Remembered {
    fn from(turns: Vec<Turn>) -> Self {
        Self {
            turns,
            ..Self::default()
        }
    }
}

impl Memory {
    /// The turns up to and with this answer.
    pub(crate) fn recall(&self, id: &str) -> Option<Vec<Turn>> {
        // Every change is whole or not done, so a panic elsewhere leaves nothing half remembered.
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(id).map(|answer| answer.turns.clone())
    }

    /// This answer once more.
    pub(crate) fn document(&self, id: &str) -> Option<Vec<u8>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(id).map(|answer| answer.document.clone())
    }

    /// Remembers an answer.
    pub(crate) fn remember(&self, id: String, answer: Remembered) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.shift_remove_index(0);
        }
        answers.insert(id, answer);
    }

    /// Forgets an answer. Whether it was known.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.shift_remove(id).is_some()
    }
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
        assert_eq!(memory.recall("1"), Some(vec![Turn::Other]));
        assert!(memory.forget("1") && !memory.forget("1"));
    }
}

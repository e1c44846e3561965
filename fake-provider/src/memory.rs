//! What a provider remembers of its answers, for requests that refer to an earlier one instead of repeating it. Bounded.

use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;

use crate::addressing::Turn;

/// So many answers are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 1024;

/// The turns up to and with an answer, by the answer's id.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    answers: Mutex<IndexMap<String, Vec<Turn>>>,
}

impl Memory {
    /// The turns up to and with this answer.
    pub(crate) fn recall(&self, id: &str) -> Option<Vec<Turn>> {
        // Every change is whole or not done, so a panic elsewhere leaves nothing half remembered.
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(id).cloned()
    }

    /// Remembers an answer.
    pub(crate) fn remember(&self, id: String, turns: Vec<Turn>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.shift_remove_index(0);
        }
        answers.insert(id, turns);
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
            memory.remember(number.to_string(), vec![Turn::Other]);
        }
        assert_eq!(memory.recall("0"), None);
        assert_eq!(memory.recall("1"), Some(vec![Turn::Other]));
        assert!(memory.forget("1") && !memory.forget("1"));
    }
}

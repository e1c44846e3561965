//! What is known of runs, of so many at most: a provider may run for a long time, and every conversation is a run of its own. Knows not
//! what that is.

use std::collections::BTreeMap;

/// So many runs are remembered.
const REMEMBERED: usize = 65_536;

/// Something for each run; the run that was changed the longest ago is forgotten first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent<V> {
    most: usize,
    /// By run: when it was changed, and what is known.
    known: BTreeMap<u32, (u64, V)>,
    /// When a run was changed, and which.
    changes: BTreeMap<u64, u32>,
    /// How many changes there were.
    now: u64,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self::of(REMEMBERED)
    }
}

impl<V> Recent<V> {
    fn of(most: usize) -> Self {
        Self {
            most,
            known: BTreeMap::new(),
            changes: BTreeMap::new(),
            now: 0,
        }
    }

    /// What is known of a run.
    #[must_use]
    pub fn get(&self, run: u32) -> Option<&V> {
        self.known.get(&run).map(|(_, known)| known)
    }
}

impl<V: Default> Recent<V> {
    /// What is known of a run, to be changed.
    pub fn change(&mut self, run: u32) -> &mut V {
        self.now += 1;
        self.changes.insert(self.now, run);
        if let Some((before, _)) = self.known.get(&run) {
            self.changes.remove(before);
        } else if self.known.len() >= self.most
            && let Some((_, oldest)) = self.changes.pop_first()
        {
            self.known.remove(&oldest);
        }
        let (changed, known) = self.known.entry(run).or_default();
        *changed = self.now;
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_that_was_changed_the_longest_ago_is_forgotten() {
        let mut recent = Recent::of(3);
        for run in [9, 1, 5, 9, 7, 9] {
            *recent.change(run) += 1;
        }
        let known = [1, 5, 7, 9].map(|run| recent.get(run).copied());
        assert_eq!(known, [None, Some(1), Some(1), Some(3)]);
        *recent.change(1) += 1;
        let known = [1, 5, 7, 9].map(|run| recent.get(run).copied());
        assert_eq!(known, [Some(1), None, Some(1), Some(3)]);
    }

    #[test]
    fn no_more_is_held_than_is_remembered() {
        let mut recent = Recent::default();
        for run in 0..200_000_u32 {
            *recent.change(run.wrapping_mul(2_654_435_761)) = run;
            assert_eq!(recent.known.len(), recent.changes.len());
        }
        assert_eq!(recent.known.len(), REMEMBERED);
    }
}

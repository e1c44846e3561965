//! What a provider remembers of its script: how often a condition held, for entries that only answer every n-th time.

use std::collections::BTreeMap;

use crate::recent::Recent;

/// Counts of one running provider. Counted by entry and run, so that runs that go on at the same time do not mix; of runs that nobody
/// has asked for in a long time nothing is known any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By run (0 for requests that belong to none) and entry.
    counts: Recent<BTreeMap<usize, u64>>,
    /// By entry: how many requests chance has not given it.
    passed_over: BTreeMap<usize, u64>,
}

impl Tally {
    /// How many requests an entry would have answered, had it not been left to chance.
    #[must_use]
    pub fn passed_over(&self, entry: usize) -> u64 {
        self.passed_over.get(&entry).copied().unwrap_or(0)
    }

    /// Counts a request that chance has not given to an entry.
    pub(crate) fn pass_over(&mut self, entry: usize) {
        *self.passed_over.entry(entry).or_default() += 1;
    }

    /// How often it was so for this entry and run.
    pub(crate) fn count(&self, entry: usize, run: Option<u32>) -> u64 {
        let counts = self.counts.get(run.unwrap_or(0));
        counts
            .and_then(|counts| counts.get(&entry).copied())
            .unwrap_or(0)
    }

    /// Counts once more.
    pub(crate) fn add(&mut self, entry: usize, run: Option<u32>) {
        let counts = self.counts.change(run.unwrap_or(0));
        *counts.entry(entry).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_that_goes_on_is_counted_however_many_others_there_are() {
        let mut tally = Tally::default();
        tally.add(3, Some(7));
        for run in 0..200_000 {
            tally.add(3, Some(1_000_000 + run));
            if run % 1000 == 0 {
                tally.add(3, Some(7));
            }
        }
        assert_eq!(tally.count(3, Some(7)), 201);
        assert_eq!(tally.count(3, Some(1_000_000)), 0);
        assert_eq!(tally.count(3, Some(1_199_999)), 1);
    }
}

//! What a provider remembers of its script: how often a condition held, for entries that only answer every n-th time.

use std::collections::BTreeMap;

/// Counts of one running provider. Counted by entry and run, so that runs that go on at the same time do not mix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By entry and run (0 for requests that belong to none).
    counts: BTreeMap<(usize, u32), u64>,
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
        let key = (entry, run.unwrap_or(0));
        self.counts.get(&key).copied().unwrap_or(0)
    }

    /// Counts once more.
    pub(crate) fn add(&mut self, entry: usize, run: Option<u32>) {
        let count = self.counts.entry((entry, run.unwrap_or(0))).or_default();
        *count += 1;
    }
}

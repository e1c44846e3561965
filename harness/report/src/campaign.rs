//! A campaign as a report sees it: its cases, sorted, and what they add up to.

use std::time::Duration;

use invariants::Ruling;

use crate::case::{Case, Conclusion};

/// One invocation, many cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Its id, which is also the name of its folder.
    pub id: String,
    /// The target's name.
    pub target: String,
    /// The seed.
    pub seed: u64,
    /// Whether time was simulated.
    pub virtual_time: bool,
    /// What the whole of it took on the machine's clock.
    pub wall: Duration,
    /// The cases, sorted by name and cell of the matrix.
    pub cases: Vec<Case>,
    /// How many were selected; more than there are cases when the campaign was interrupted.
    pub selected: usize,
}

/// What the cases of a campaign add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Cases in which everything holds.
    pub holds: usize,
    /// Cases in which something was violated.
    pub violated: usize,
    /// Cases in which something could not be decided.
    pub undecided: usize,
    /// Cases that the target cannot take part in.
    pub skipped: usize,
    /// Cases that did not come to their end.
    pub broken: usize,
    /// The verdicts, over all cases.
    pub verdicts: Rulings,
    /// The time that passed on the cases' own clocks.
    pub simulated: Duration,
}

/// Verdicts, counted by what was ruled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rulings {
    /// Kept.
    pub holds: usize,
    /// Broken.
    pub violated: usize,
    /// Not decided by what was recorded.
    pub undecided: usize,
    /// Not shown by this target, or not concerned.
    pub not_applicable: usize,
    /// Waived by the scenario, with a reason.
    pub waived: usize,
}

impl Campaign {
    /// Sorts the cases: by scenario, then by the cell of the matrix, streamed first.
    pub fn sort(&mut self) {
        self.cases.sort_by(|one, other| {
            (&one.scenario, one.dialect, !one.streamed, one.seed).cmp(&(
                &other.scenario,
                other.dialect,
                !other.streamed,
                other.seed,
            ))
        });
    }

    /// What the cases add up to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for case in &self.cases {
            totals.add(case);
        }
        totals
    }

    /// The cases that a person has to look at.
    pub fn unsettled(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| {
            matches!(
                case.conclusion(),
                Conclusion::Violated | Conclusion::Undecided | Conclusion::Broken
            )
        })
    }
}

impl Totals {
    fn add(&mut self, case: &Case) {
        match case.conclusion() {
            Conclusion::Holds => self.holds += 1,
            Conclusion::Violated => self.violated += 1,
            Conclusion::Undecided => self.undecided += 1,
            Conclusion::Skipped => self.skipped += 1,
            Conclusion::Broken => self.broken += 1,
        }
        self.simulated += case.simulated();
        for verdict in case
            .judged()
            .into_iter()
            .flat_map(|judged| &judged.verdicts)
        {
            self.verdicts.add(verdict.ruling);
        }
    }

    /// Cases that were judged.
    #[must_use]
    pub const fn judged(&self) -> usize {
        self.holds + self.violated + self.undecided
    }
}

impl Rulings {
    const fn add(&mut self, ruling: Ruling) {
        match ruling {
            Ruling::Holds => self.holds += 1,
            Ruling::Violated => self.violated += 1,
            Ruling::Undecided => self.undecided += 1,
            Ruling::NotApplicable => self.not_applicable += 1,
            Ruling::Waived => self.waived += 1,
        }
    }
}

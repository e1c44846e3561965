//! Counts what providers report, over all attempts of a run: those that fail and those that are given up included.

use std::sync::{Arc, Mutex, PoisonError};

use crate::outcome::Usage;

/// Keeps the accounts of runs.
pub trait Accounts: Send + Sync {
    /// Enters what one attempt reported: it is added to what the run has spent.
    fn enter(&self, total: &mut Usage, reported: Usage) {
        *total += reported;
    }
}

/// Everything counts.
#[derive(Debug, Default, Clone, Copy)]
pub struct EverythingCounts;

impl Accounts for EverythingCounts {}

/// The sum of one run. Clones share it.
#[derive(Clone)]
pub(crate) struct UsageMeter {
    total: Arc<Mutex<Usage>>,
    accounts: Arc<dyn Accounts>,
}

impl UsageMeter {
    /// A meter at zero.
    #[must_use]
    pub(crate) fn new(accounts: Arc<dyn Accounts>) -> Self {
        Self {
            total: Arc::default(),
            accounts,
        }
    }

    /// The sum so far.
    #[must_use]
    pub(crate) fn total(&self) -> Usage {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reading for one attempt.
    #[must_use]
    pub(crate) fn reading(&self) -> UsageReading {
        UsageReading {
            meter: self.clone(),
            last: None,
        }
    }
}

/// What one attempt reported. Providers repeat a growing figure, so the last one counts, when the attempt is over:
/// finished, broken or dropped.
pub(crate) struct UsageReading {
    meter: UsageMeter,
    last: Option<Usage>,
}

impl UsageReading {
    /// Notes what the provider reported last.
    pub(super) fn note(&mut self, usage: Option<Usage>) {
        self.last = usage.or(self.last);
    }
}

impl Drop for UsageReading {
    fn drop(&mut self) {
        if let Some(usage) = self.last {
            let mut total = self
                .meter
                .total
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            self.meter.accounts.enter(&mut total, usage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_report_of_each_attempt_counts_once() {
        let usage = |total_tokens| Usage {
            input_tokens: 1,
            output_tokens: 1,
            total_tokens,
        };
        let meter = UsageMeter::new(Arc::new(EverythingCounts));
        for reports in [
            &[Some(usage(2)), Some(usage(5)), None][..],
            &[None],
            &[Some(usage(7))],
        ] {
            let mut reading = meter.reading();
            reports.iter().for_each(|report| reading.note(*report));
        }
        assert_eq!(
            meter.total(),
            Usage {
                input_tokens: 2,
                output_tokens: 2,
                total_tokens: 12
            }
        );
    }
}

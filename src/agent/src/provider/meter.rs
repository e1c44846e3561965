//! Counts what providers report, over all attempts of a run: those that fail and those that are given up included.

use std::sync::{Arc, Mutex, PoisonError};

use crate::outcome::Usage;

/// The sum of one run. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct UsageMeter(Arc<Mutex<Usage>>);

impl UsageMeter {
    /// The sum so far.
    #[must_use]
    pub fn total(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reading for one attempt.
    #[must_use]
    pub fn reading(&self) -> UsageReading {
        UsageReading {
            meter: self.clone(),
            last: None,
        }
    }
}

/// What one attempt reported. Providers repeat a growing figure, so the last one counts, when the attempt is over:
/// finished, broken or dropped.
#[derive(Debug)]
pub struct UsageReading {
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
            *self.meter.0.lock().unwrap_or_else(PoisonError::into_inner) += usage;
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
        let meter = UsageMeter::default();
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

//! Counts of what a provider does, each a few atomic additions where it happens. How they are told: `exposition`.
//!
//! Labels are bounded: the dialects and operations there are, the statuses that were answered, the namespaces that there are now.

mod exposition;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use journal::FaultOutcome;

use crate::options::Dialect;

pub(crate) use exposition::exposition;

/// What a request was for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// An answer of the model.
    Answer,
    /// Anything else that the dialect has: a list of models, a count of tokens.
    Document,
    /// Nothing that there is.
    #[default]
    Unknown,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::Answer, Self::Document, Self::Unknown];

    const fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Document => "document",
            Self::Unknown => "unknown",
        }
    }
}

/// What a request is counted under, beside its status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The dialect that answers; nothing where what came was not HTTP.
    pub(crate) dialect: Option<Dialect>,
    pub(crate) purpose: Purpose,
}

/// The dialects, and what is in none.
const DIALECTS: usize = Dialect::ALL.len() + 1;

impl Kind {
    fn place(self) -> (usize, usize) {
        let dialect = self.dialect.and_then(|own| {
            let mut all = Dialect::ALL.iter();
            all.position(|dialect| *dialect == own)
        });
        (dialect.unwrap_or(DIALECTS - 1), self.purpose as usize)
    }
}

/// The answers of one namespace.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// Those with status 200, by dialect and purpose: nearly all.
    fine: [[AtomicU64; Purpose::ALL.len()]; DIALECTS],
    /// Those with any other status.
    others: Mutex<BTreeMap<(usize, usize, u16), u64>>,
}

impl Answered {
    /// Counts an answer as it begins.
    pub(crate) fn count(&self, kind: Kind, status: u16) {
        let (dialect, purpose) = kind.place();
        if status == 200 {
            self.fine[dialect][purpose].fetch_add(1, Ordering::Relaxed);
            return;
        }
        // Counting is whole or not done, so a panic elsewhere leaves nothing half counted.
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        *others.entry((dialect, purpose, status)).or_default() += 1;
    }

    /// Every count that is not 0: dialect, purpose, status, how often.
    fn counts(&self) -> Vec<(&'static str, &'static str, u16, u64)> {
        let mut counts = Vec::new();
        for (dialect, purposes) in self.fine.iter().enumerate() {
            for (purpose, count) in purposes.iter().enumerate() {
                counts.push((dialect, purpose, 200, count.load(Ordering::Relaxed)));
            }
        }
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let others = others.iter();
        counts.extend(
            others.map(|(&(dialect, purpose, status), count)| (dialect, purpose, status, *count)),
        );
        let told = counts.into_iter().filter(|(.., count)| *count > 0);
        told.map(|(dialect, purpose, status, count)| {
            let dialect = Dialect::ALL.get(dialect).map_or("none", |own| own.as_str());
            (dialect, Purpose::ALL[purpose].name(), status, count)
        })
        .collect()
    }

    /// How many answers there were.
    pub(crate) fn total(&self) -> u64 {
        self.counts().iter().map(|(.., count)| count).sum()
    }
}

/// Upper bounds of the histogram of the time to the first byte, in milliseconds.
const BOUNDS: [u64; 13] = [
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000,
];

/// Counts of the whole provider.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    bytes: AtomicU64,
    streams: AtomicUsize,
    /// By bound, the last one without.
    first_bytes: [AtomicU64; BOUNDS.len() + 1],
    first_byte_sum_micros: AtomicU64,
    faults: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Metrics {
    /// A stream is begun.
    pub(crate) fn stream_begun(&self) {
        self.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// A stream is over.
    pub(crate) fn stream_over(&self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }

    /// An answer is over, of which so many bytes have left, the first after so long.
    pub(crate) fn answer_over(&self, bytes: usize, first_byte: Option<Duration>) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let Some(first_byte) = first_byte else { return };
        let bucket = BOUNDS.partition_point(|bound| Duration::from_millis(*bound) < first_byte);
        self.first_bytes[bucket].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(first_byte.as_micros()).unwrap_or(u64::MAX);
        self.first_byte_sum_micros
            .fetch_add(micros, Ordering::Relaxed);
    }

    /// Something became of a fault.
    pub(crate) fn fault(&self, action: String, outcome: FaultOutcome) {
        let outcome = match outcome {
            FaultOutcome::Delivered => "delivered",
            FaultOutcome::Unreached => "unreached",
            FaultOutcome::Superseded => "superseded",
            FaultOutcome::Inapplicable => "inapplicable",
            FaultOutcome::Undelivered => "undelivered",
        };
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        *faults.entry((action, outcome)).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_under_what_it_is() {
        let answered = Answered::default();
        let chat = Kind {
            dialect: Some(Dialect::OpenaiChat),
            purpose: Purpose::Answer,
        };
        answered.count(chat, 200);
        answered.count(chat, 200);
        answered.count(chat, 429);
        answered.count(Kind::default(), 400);
        assert_eq!(
            answered.counts(),
            [
                ("openai-chat", "answer", 200, 2),
                ("openai-chat", "answer", 429, 1),
                ("none", "unknown", 400, 1)
            ]
        );
        assert_eq!(answered.total(), 4);
    }

    #[test]
    fn a_time_falls_under_the_first_bound_that_holds_it() {
        let metrics = Metrics::default();
        for millis in [0, 1, 3, 60_000, 60_001] {
            metrics.answer_over(10, Some(Duration::from_millis(millis)));
        }
        metrics.answer_over(0, None);
        let counts = metrics.first_bytes.iter();
        let counts: Vec<_> = counts.map(|count| count.load(Ordering::Relaxed)).collect();
        assert_eq!(counts, [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(metrics.bytes.load(Ordering::Relaxed), 50);
    }
}

//! The machine's clock, for what is told to a person: how long something took, and when a campaign was. Decides nothing.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

/// Counts from its making.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long something took is told to a person, and decides nothing"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The time of day as a file name that sorts: `2026-01-02T03-04-05`, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "names a folder for a person, and decides nothing"
)]
pub(crate) fn time_as_name() -> String {
    let now: DateTime<Utc> = SystemTime::now().into();
    now.format("%Y-%m-%dT%H-%M-%S").to_string()
}

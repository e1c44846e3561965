//! What time of day it is, for what names a moment. Waiting is `tokio::time`, so that it can be simulated.

use std::time::SystemTime;

use tokio::time::Instant;

/// A clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock {
    /// What it showed when; nothing for the machine's.
    started: Option<(SystemTime, Option<Instant>)>,
}

impl WallClock {
    /// A clock that shows this time now, and then what tokio says has passed: real or simulated alike.
    #[must_use]
    pub fn starting_at(start: SystemTime) -> Self {
        Self {
            started: Some((start, Some(Instant::now()))),
        }
    }

    /// A clock that stands still.
    #[cfg(test)]
    pub(crate) const fn standing_at(at: SystemTime) -> Self {
        Self {
            started: Some((at, None)),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    pub(crate) fn now(&self) -> SystemTime {
        match self.started {
            None => SystemTime::now(),
            Some((start, origin)) => {
                let passed = origin.map(|origin| origin.elapsed());
                start + passed.unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_follows_simulated_time() {
        let start = UNIX_EPOCH + Duration::from_secs(1_000);
        let clock = WallClock::starting_at(start);
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert_eq!(clock.now(), start + Duration::from_millis(2_500));
        assert!(WallClock::default().now() > clock.now());
    }
}

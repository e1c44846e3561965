//! Notices when the runner itself was late: bounds of that time prove nothing. Only real time can be late.

use std::sync::Arc;
use std::time::Duration;

use journal::Fact;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::case_log::CaseLog;

/// How often the runner looks at the clock, and what counts as late.
const BEAT: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_millis(500);

/// Beats until told to stop, and records every beat that came late.
pub(crate) async fn beat(log: Arc<CaseLog>, stop: CancellationToken) {
    loop {
        let due = Instant::now() + BEAT;
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep_until(due) => {}
        }
        let lag = due.elapsed();
        if lag > LATE {
            let lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
            log.runner(Fact::HeartbeatLagged { lag_ms });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_a_late_beat_is_recorded() {
        let log = CaseLog::begin(0);
        let stop = CancellationToken::new();
        let beating = tokio::spawn(beat(log.clone(), stop.clone()));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(log.journal().records, []);
        // Time jumps: the runner was not scheduled.
        tokio::time::advance(Duration::from_secs(2)).await;
        let late = |records: &[journal::Record]| records.first().cloned();
        let record = log.wait(Duration::from_secs(1), late).await.unwrap();
        assert!(matches!(record.fact, Fact::HeartbeatLagged { lag_ms } if lag_ms > 1_000));
        stop.cancel();
        beating.await.unwrap();
    }
}

//! How fast a recording is replayed, and with it the contract of a recorded answer. Pure.

use std::str::FromStr;
use std::time::Duration;

use fault_io::{Contract, Recorded, RecordedEnding, RecordedPiece, alert_named};

use crate::recording::exchange::{Ending, RecordedExchange};

/// How fast a recording is replayed: 1 is as it came, 2 twice as fast, 0 without any silence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f64);

/// Why a speed is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0: 1 is as it came, 2 twice as fast, 0 without any silence")]
pub struct BadSpeed;

impl Default for Speed {
    fn default() -> Self {
        Self(1.0)
    }
}

impl FromStr for Speed {
    type Err = BadSpeed;

    fn from_str(text: &str) -> Result<Self, BadSpeed> {
        match text.parse() {
            Ok(speed) if speed >= 0.0 && f64::is_finite(speed) => Ok(Self(speed)),
            _ => Err(BadSpeed),
        }
    }
}

impl Speed {
    /// When something happens at this speed, in whole milliseconds: a timer is no finer, and what is cut off is not added up.
    fn millis(self, at: Duration) -> Duration {
        match self.0 > 0.0 {
            true => {
                let scaled = Duration::try_from_secs_f64(at.as_secs_f64() / self.0);
                let millis = scaled.unwrap_or(Duration::MAX).as_millis();
                Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
            }
            false => Duration::ZERO,
        }
    }
}

/// A timer is that late, since it counts whole milliseconds from the next one on. Without this a stream of many short silences would
/// take visibly longer than it did.
const LATE: Duration = Duration::from_millis(1);

/// What has to leave for an exchange to be replayed, over TLS or in the clear.
pub(super) fn contract(exchange: &RecordedExchange, speed: Speed, secure: bool) -> Contract {
    let mut before = Duration::ZERO;
    let mut since = |at| {
        let at = speed.millis(at);
        let silence = at.saturating_sub(std::mem::replace(&mut before, at));
        silence.saturating_sub(LATE)
    };
    let pieces = exchange.pieces.iter().map(|piece| RecordedPiece {
        before: since(piece.at),
        bytes: piece.bytes.clone(),
    });
    let pieces: Vec<_> = pieces.collect();
    let length: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
    let head = exchange.answer().head();
    Contract::recorded(&Recorded {
        head: head.map_or(length + 1, |head| head.end),
        before_ending: since(exchange.ended_at),
        ending: ending(&exchange.ending, secure),
        pieces,
    })
}

fn ending(recorded: &Ending, secure: bool) -> RecordedEnding {
    match recorded {
        Ending::Open => RecordedEnding::GoesOn,
        Ending::TlsTruncated if secure => RecordedEnding::Unnotified,
        Ending::TlsAlert(alert) if secure => match alert_named(alert) {
            Some(description) => RecordedEnding::Alert { description },
            // A recording that somebody has changed: what is nearest.
            None => RecordedEnding::Unnotified,
        },
        // Without TLS there is nothing else.
        Ending::Fin | Ending::TlsTruncated | Ending::TlsAlert(_) => RecordedEnding::Fin,
        Ending::Reset => RecordedEnding::Reset,
        Ending::ClientLeft | Ending::Stopped => RecordedEnding::Silence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_from_nothing() {
        for good in ["0", "0.5", "1", "2", "1000"] {
            assert!(good.parse::<Speed>().is_ok(), "{good}");
        }
        for bad in ["", "-1", "fast", "inf", "NaN"] {
            assert_eq!(bad.parse::<Speed>(), Err(BadSpeed), "{bad}");
        }
    }

    #[test]
    fn time_is_scaled() {
        let at = Duration::from_micros(2_500_900);
        let millis = |speed: &str| {
            let speed: Speed = speed.parse().expect("is a speed");
            speed.millis(at).as_millis()
        };
        assert_eq!(["0", "0.5", "1", "2"].map(millis), [0, 5_001, 2_500, 1_250]);
        let slowest = "0.0000000000000000000001";
        assert!(millis(slowest) > 1_000_000_000);
    }
}

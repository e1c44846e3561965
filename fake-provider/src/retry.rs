//! What an error says about trying again: its headers, and what is recorded of them. Knows no dialect.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use wire_faults::StatusAnswer;

use crate::protocol::{Asking, ErrorAnswer, Head, Problem, Protocol};
use crate::wall_clock::WallClock;

/// A problem in the shape of a dialect's provider.
pub(crate) fn error_answer(
    protocol: &dyn Protocol,
    problem: &Problem<'_>,
    asking: &Asking<'_>,
) -> ErrorAnswer {
    let mut error = protocol.problem(problem, asking);
    if let Problem::Scripted(answer) = problem {
        error.sent.retry_after_ms.clone_from(&answer.retry_after_ms);
        error.sent.should_retry = answer.should_retry;
        let date = answer.retry_after_date.map(|date| date.0.as_millis());
        error.sent.retry_after_date_ms = date.and_then(|date| u64::try_from(date).ok());
    }
    error
}

/// The same status with its date, where it wants one: the first whole second that is no earlier.
pub(crate) fn dated<'a>(answer: &'a StatusAnswer, clock: &WallClock) -> Cow<'a, StatusAnswer> {
    let Some(after) = answer.retry_after_date else {
        return Cow::Borrowed(answer);
    };
    // The last moment that is a date in this form: RFC 9110, section 5.6.7, has four digits for a year.
    let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
    let at = clock.now().checked_add(after.0);
    let at = at.map_or(last, |at| whole_second(at.into()).min(last));
    Cow::Owned(StatusAnswer {
        retry_after: Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ..answer.clone()
    })
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0);
    DateTime::from_timestamp(seconds, 0).unwrap_or(at)
}

impl<'a> Head<'a> {
    /// The head of an error.
    pub(crate) fn of(error: &'a ErrorAnswer) -> Self {
        Self {
            status: error.status,
            content_type: error.content_type,
            retry_after: error.retry_after.as_deref(),
            retry_after_ms: error.sent.retry_after_ms.as_deref(),
            should_retry: error.sent.should_retry,
            allow: error.allow,
        }
    }

    /// The header lines about trying again: sent exactly as they are, but for control characters, since a line break in one would
    /// be another header.
    pub(crate) fn retry_lines(&self) -> String {
        let mut lines = String::new();
        // Writing to a string cannot fail.
        if let Some(should) = self.should_retry {
            let _ = write!(lines, "x-should-retry: {should}\r\n");
        }
        let values = [
            ("retry-after-ms", self.retry_after_ms),
            ("retry-after", self.retry_after),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                let value: String = value.chars().filter(|char| !char.is_control()).collect();
                let _ = write!(lines, "{name}: {value}\r\n");
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use wire_faults::HumanDuration;

    use super::*;

    fn date(now: Duration, after: Duration) -> Option<String> {
        let answer = StatusAnswer {
            retry_after_date: Some(HumanDuration(after)),
            ..StatusAnswer::default()
        };
        let clock = WallClock::standing_at(UNIX_EPOCH + now);
        dated(&answer, &clock).retry_after.clone()
    }

    #[test]
    fn a_date_is_the_first_whole_second_that_is_no_earlier() {
        let now = Duration::from_secs(784_111_777);
        let three = Duration::from_secs(3);
        let expected = Some("Sun, 06 Nov 1994 08:49:40 GMT".to_owned());
        assert_eq!(date(now, three), expected);
        let half = Duration::from_millis(500);
        assert_eq!(date(now - half, three), expected);
        assert_eq!(date(now + half, three - half), expected);
        let end = Some("Fri, 31 Dec 9999 23:59:59 GMT".to_owned());
        for far in [Duration::from_secs(1 << 40), Duration::MAX] {
            assert_eq!(date(now, far), end);
        }
    }

    #[test]
    fn a_line_break_in_a_value_is_no_header() {
        let head = Head {
            retry_after: Some("1\r\nx: y"),
            retry_after_ms: Some("\n2"),
            should_retry: Some(false),
            ..Head::ok("application/json")
        };
        let lines = "x-should-retry: false\r\nretry-after-ms: 2\r\nretry-after: 1x: y\r\n";
        assert_eq!(head.retry_lines(), lines);
        assert_eq!(Head::ok("application/json").retry_lines(), "");
    }
}

//! How long a provider asked us to wait, out of its headers. Bounding it is `retry`'s business.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// The wait that `retry-after-ms` or `retry-after` asks for. Nothing for what is absent, negative, zero, not a number or
/// no date at all: those say nothing about how long to wait, and must not become a hot loop.
///
/// Source: RFC 9110, section 10.2.3 (seconds or a date); `retry-after-ms` is what the providers' own SDKs read first.
#[must_use]
pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let milliseconds = text("retry-after-ms").and_then(|value| seconds(value, 0.001));
    milliseconds.or_else(|| {
        let value = text("retry-after")?;
        seconds(value, 1.0).or_else(|| until(value, now))
    })
}

/// A positive, finite number of `unit`s. One beyond what a duration holds is as long as a duration can be.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    let seconds = number * unit;
    (seconds.is_finite() && seconds > 0.0)
        .then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
        .filter(|wait| !wait.is_zero())
}

fn until(text: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(now).ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn read_one(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        read(&headers, UNIX_EPOCH + Duration::from_secs(784_111_777)) // Sun, 06 Nov 1994 08:49:37 GMT
    }

    #[test]
    fn each_form_is_read() {
        let table = [
            ("retry-after", "3", Some(Duration::from_secs(3))),
            ("retry-after", " 1.5 ", Some(Duration::from_millis(1500))),
            ("retry-after-ms", "300", Some(Duration::from_millis(300))),
            (
                "retry-after",
                "Sun, 06 Nov 1994 08:49:40 GMT",
                Some(Duration::from_secs(3)),
            ),
            ("retry-after", "Sun, 06 Nov 1994 08:49:30 GMT", None),
            ("retry-after", "Fri, 31 Dec 99999 23:59:59 GMT", None),
            (
                "retry-after",
                "99999999999999999999999",
                Some(Duration::MAX),
            ),
        ];
        for (name, value, expected) in table {
            assert_eq!(read_one(name, value), expected, "{name}: {value}");
        }
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        for value in [
            "0", "-5", "NaN", "inf", "-inf", "soon", "", "1e400", "0.0", "-0",
        ] {
            assert_eq!(read_one("retry-after", value), None, "{value}");
            assert_eq!(read_one("retry-after-ms", value), None, "{value}");
        }
    }

    #[test]
    fn milliseconds_win_over_seconds() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "1".parse().unwrap());
        headers.insert("retry-after-ms", "300".parse().unwrap());
        assert_eq!(read(&headers, UNIX_EPOCH), Some(Duration::from_millis(300)));
    }
}

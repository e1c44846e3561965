//! How times, counts and other people's text are written. No format of its own.

use std::time::Duration;

/// `0.412s`, for columns.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.3}s", time.as_secs_f64())
}

/// A duration for reading: `0.412s`, `2m 03s`, `1h 04m 00s`.
pub(crate) fn duration(time: Duration) -> String {
    let whole = time.as_secs();
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => seconds(time),
        (0, _) => format!("{minutes}m {rest:02}s"),
        _ => format!("{hours}h {minutes:02}m {rest:02}s"),
    }
}

/// `1 case`, `2 cases`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Text from elsewhere on one line, in backticks, not too long. Only what would break the line or colour it is escaped:
/// JSON full of escaped quotes is hard to read.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut out = "`".to_owned();
    for letter in text.chars().take(LONGEST) {
        if letter.is_control() {
            out.extend(letter.escape_debug());
        } else {
            out.push(letter);
        }
    }
    out.push('`');
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        let said = [412, 62_000, 3_840_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(said, ["0.412s", "1m 02s", "1h 04m 00s"]);
    }

    #[test]
    fn text_from_elsewhere_stays_on_one_line_and_short() {
        assert_eq!(quote("a\n\u{1b}[31m\"b\""), "`a\\n\\u{1b}[31m\"b\"`");
        assert!(quote(&"x".repeat(500)).chars().count() < 130);
    }
}

//! Times and durations as Go writes them, drawn from the seed: nobody looks at a clock.

use crate::draw::Draw;

/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;
/// Between two lines of a stream, as a small model on a fast machine.
const STEP: u64 = 11_032_751;

/// The times of one answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    /// Nanoseconds since 1970.
    start: u64,
    /// Drawn, below a second.
    drawn: u64,
}

impl Moments {
    pub(super) fn of(draw: Draw) -> Self {
        let digits = draw.hex("moment", 8);
        let drawn = u64::from_str_radix(&digits, 16).unwrap_or(0) % SECOND;
        Self {
            start: draw.created() * SECOND + drawn,
            drawn,
        }
    }

    /// When the n-th line was written (RFC 3339, in UTC, without zeros at the end).
    pub(super) fn at(self, line: u64) -> String {
        rfc_3339(self.start + line * STEP)
    }

    /// What the answer took, in nanoseconds: in all, to load the model, to read, to write.
    pub(super) fn durations(self, read: u64, written: u64) -> [u64; 4] {
        let load = 20_000_000 + self.drawn % 40_000_000;
        // A script may tell tokens that nobody could have read.
        let reading = read.saturating_mul(410_337).saturating_add(15_000_000);
        let writing = written.saturating_mul(STEP);
        let all = [load, reading, writing, 1_204_550].into_iter();
        [all.fold(0, u64::saturating_add), load, reading, writing]
    }
}

/// RFC 3339 with nanoseconds, as `time.RFC3339Nano` has it.
fn rfc_3339(nanoseconds: u64) -> String {
    let (seconds, fraction) = (nanoseconds / SECOND, nanoseconds % SECOND);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let time = format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    let fraction = format!("{fraction:09}");
    match fraction.trim_end_matches('0') {
        "" => format!("{time}Z"),
        digits => format!("{time}.{digits}Z"),
    }
}

/// Year, month and day, so many days after 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_go_writes_them() {
        assert_eq!(rfc_3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc_3339(1_763_596_800 * SECOND), "2025-11-20T00:00:00Z");
        assert_eq!(
            rfc_3339(951_827_696 * SECOND + 90_000_000),
            "2000-02-29T12:34:56.09Z"
        );
    }

    #[test]
    fn later_lines_are_later_and_the_parts_add_up() {
        let moments = Moments::of(Draw::new(7, None));
        assert!(moments.at(0) < moments.at(1));
        let [total, load, reading, writing] = moments.durations(12, 7);
        assert!(total > load + reading + writing);
        assert_eq!(moments.durations(1 << 53, 1 << 53)[0], u64::MAX);
    }
}

//! Chance that can be repeated: drawn from the seed, the entry and the place of a request, never from the order of arrival.

use sha2::{Digest, Sha256};

use crate::asked::Asked;

/// Whether this entry is drawn for this request.
pub(crate) fn drawn(probability: f64, seed: u64, entry: usize, asked: &Asked<'_>) -> bool {
    let Asked {
        run, call, attempt, ..
    } = asked;
    let place = format!("chance/{seed}/{entry}/{run:?}/{call}/{attempt}");
    let digest = Sha256::digest(place);
    let drawn = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(drawn) < probability * 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn drawn_of_1000(probability: f64, seed: u64, entry: usize) -> Vec<u32> {
        let at = |attempt| Asked {
            run: Some(1),
            call: 1,
            attempt,
            model: "",
            auxiliary: false,
            elapsed: Duration::ZERO,
            carried: None,
        };
        (0..1000)
            .filter(|attempt| drawn(probability, seed, entry, &at(*attempt)))
            .collect()
    }

    #[test]
    fn about_as_many_are_drawn_as_was_asked_for() {
        let drawn = drawn_of_1000(0.3, 7, 0).len();
        assert!((250..350).contains(&drawn), "{drawn}");
        assert_eq!(drawn_of_1000(1.0, 7, 0).len(), 1000);
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_entry_or_seed_others() {
        assert_eq!(drawn_of_1000(0.5, 7, 0), drawn_of_1000(0.5, 7, 0));
        assert_ne!(drawn_of_1000(0.5, 7, 0), drawn_of_1000(0.5, 8, 0));
        assert_ne!(drawn_of_1000(0.5, 7, 0), drawn_of_1000(0.5, 7, 1));
    }
}

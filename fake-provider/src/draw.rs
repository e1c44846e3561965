//! Everything that looks random: drawn from the seed and from the place of a request, so never from the order of arrival.

use crate::addressing::Address;

/// The draws of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    seed: u64,
    address: Address,
}

/// A request that has no address, since it was not for a completion or could not be read.
const NOWHERE: Address = Address {
    run: None,
    call: 0,
    attempt: 0,
};

impl Draw {
    pub(crate) const fn new(seed: u64, address: Option<Address>) -> Self {
        let address = match address {
            Some(address) => address,
            None => NOWHERE,
        };
        Self { seed, address }
    }

    /// `digits` hex digits for this purpose.
    pub(crate) fn hex(&self, purpose: &str, digits: usize) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut state = self.begin(purpose);
        let mut hex = String::with_capacity(digits.next_multiple_of(16));
        while hex.len() < digits {
            let word = next(&mut state);
            let nibbles = (0..16).map(|nibble| usize::from((word >> (4 * nibble)) as u8 & 0xf));
            hex.extend(nibbles.map(|nibble| char::from(HEX[nibble])));
        }
        hex.truncate(digits);
        hex
    }

    /// Numbers from 0 up to 1 for this purpose, one after the other.
    pub(crate) fn numbers(&self, purpose: &str) -> impl FnMut() -> f64 + use<> {
        let mut state = self.begin(purpose);
        // As many bits as a float holds.
        move || (next(&mut state) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Where the draws for a purpose begin: seed, place and purpose, each mixed in whole.
    fn begin(&self, purpose: &str) -> u64 {
        let Address { run, call, attempt } = self.address;
        let run = run.map_or(u64::MAX, u64::from);
        let words = [self.seed, run, u64::from(call), u64::from(attempt)];
        let bytes = purpose.bytes().map(u64::from);
        words
            .into_iter()
            .chain(bytes)
            .fold(0, |state, word| next(&mut (state ^ word)))
    }

    /// The word that occurs in the message of this one error and nowhere else.
    pub(crate) fn nonce(&self) -> String {
        format!("bo-{}", self.hex("nonce", 6))
    }

    /// When the answer was made, in seconds since 1970: fixed, so that a case can be repeated byte for byte.
    pub(crate) fn created(&self) -> u64 {
        let Address { run, call, attempt } = self.address;
        let place = u64::from(run.unwrap_or(0)) * 100 + u64::from(call) * 10 + u64::from(attempt);
        1_763_596_800 + place
    }
}

/// The next number of a sequence: SplitMix64 (Steele, Lea and Flood, 2014), which is cheap, and enough for what nobody has to
/// guess.
const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn draws_differ_by_seed_place_and_purpose_and_are_repeated() {
        let places = [
            (None, 0, 1),
            (Some(1), 1, 1),
            (Some(1), 2, 1),
            (Some(2), 1, 1),
            (Some(1), 1, 2),
        ];
        let draws = (0..20).flat_map(|seed| places.map(|place| (seed, place)));
        let draws = draws.map(|(seed, (run, call, attempt))| {
            Draw::new(seed, Some(Address { run, call, attempt }))
        });
        let mut drawn = BTreeSet::new();
        for draw in draws {
            for purpose in ["completion", "fingerprint", "a", "aa", ""] {
                let hex = draw.hex(purpose, 24);
                assert_eq!(hex, draw.hex(purpose, 24));
                assert!(hex.len() == 24 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
                assert!(drawn.insert(hex), "{draw:?} {purpose}");
            }
        }
    }
}

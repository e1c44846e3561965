//! Everything that looks random: drawn from the seed and from the place of a request, so never from the order of arrival.

use sha2::{Digest, Sha256};

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

    /// `digits` hex digits, at most 64, for this purpose.
    pub(crate) fn hex(&self, purpose: &str, digits: usize) -> String {
        let Address { run, call, attempt } = self.address;
        let place = format!("{purpose}/{}/{run:?}/{call}/{attempt}", self.seed);
        let digest = Sha256::digest(place);
        let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.truncate(digits);
        hex
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

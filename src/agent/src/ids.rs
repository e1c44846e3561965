//! Where names and jitter come from. One draw at a time, so that a seeded source repeats a run exactly.

use std::sync::{Mutex, PoisonError};

use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;

/// A source of numbers that nothing else can guess, or that a seed decides.
pub trait Ids: Send + Sync {
    /// The next 64 bits.
    fn draw(&self) -> u64;

    /// `run_` and 32 hexadecimal digits.
    fn run_id(&self) -> String {
        format!("run_{:016x}{:016x}", self.draw(), self.draw())
    }

    /// A number in `0.0..1.0`, for jitter.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    fn jitter(&self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Numbers from the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn draw(&self) -> u64 {
        rand::rngs::SysRng
            .try_next_u64()
            .expect("the operating system always has randomness after boot")
    }
}

/// Numbers that a seed decides.
#[derive(Debug)]
pub struct SeededIds(Mutex<ChaCha8Rng>);

impl SeededIds {
    /// The source that `seed` decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn draw(&self) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_names() {
        let (one, other) = (SeededIds::new(7), SeededIds::new(7));
        assert_eq!(one.run_id(), other.run_id());
        assert_ne!(one.run_id(), one.run_id());
    }

    #[test]
    fn run_ids_have_their_shape() {
        let id = RandomIds.run_id();
        assert_eq!(id.len(), 36);
        assert!(id.starts_with("run_") && id[4..].bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn jitter_stays_in_its_range() {
        let ids = SeededIds::new(1);
        assert!(
            (0..1000)
                .map(|_| ids.jitter())
                .all(|jitter| (0.0..1.0).contains(&jitter))
        );
    }
}

//! Noise. Contract: exactly the bytes before the place leave, then `bytes` random ones, drawn from the response's seed, in no
//! transfer coding, then a FIN.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::action::{Action, Stage};
use crate::contract::{Ending, Inapplicable};
use crate::draft::{Cut, Draft, Mark, Proof};

#[derive(Debug)]
pub(super) struct Garbage {
    pub(super) bytes: usize,
}

impl Action for Garbage {
    fn stage(&self) -> Stage {
        Stage::Ending
    }

    fn apply(&self, draft: &mut Draft, at: Mark) -> Result<Proof, Inapplicable> {
        let mut tail = vec![0; self.bytes];
        ChaCha8Rng::seed_from_u64(draft.seed).fill_bytes(&mut tail);
        draft.cut = Some(Cut { at, tail });
        draft.ending = Some(Ending::Fin);
        Ok(Proof::Ending)
    }
}

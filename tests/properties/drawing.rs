//! How many cases are drawn, from which seed, and the mistakes that must be found. Knows nothing of what is drawn.

use proptest::test_runner::{Config, RngSeed};
use reference_agent::seams::Seams;

/// Every run draws the same cases unless `PROPTEST_RNG_SEED` says otherwise.
const SEED: u64 = 1;

/// `cases` cases from a fixed seed; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` win. What failed is told as a value, and
/// never kept as a seed, which the next change of a strategy would make meaningless.
pub(crate) fn config(cases: u32) -> Config {
    let usual = Config::default();
    Config {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => usual.cases,
            None => cases,
        },
        rng_seed: match usual.rng_seed {
            RngSeed::Random => RngSeed::Fixed(SEED),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        failure_persistence: None,
        ..usual
    }
}

/// The habits of an agent with this mistake.
pub(crate) fn defect(name: &str) -> Seams {
    let defect = defective_agent::find(name).expect("a defect of this name");
    (defect.seams)()
}

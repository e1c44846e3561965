//! Eight turns at once, from any seed; every other one streamed, and in all dialects in turn.

use std::path::Path;
use std::sync::Arc;

use brownout::Embedded;
use journal::Journal;
use runner::{CaseSettings, Target, run_case};
use scenario::{Dialect, Draw, Plan};

/// How many seeds.
pub(crate) const SEEDS: u64 = 200;

/// In which order a process takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Forward,
    Backward,
}

/// The file of a seed's journal.
pub(crate) fn name(seed: u64) -> String {
    format!("{seed}.ndjson")
}

/// Runs every case in simulated time and writes its journal into `folder`, as campaigns do.
pub(crate) fn write_all(folder: &Path, order: Order) {
    let mut seeds: Vec<u64> = (0..SEEDS).collect();
    if order == Order::Backward {
        seeds.reverse();
    }
    for seed in seeds {
        let settings = CaseSettings {
            virtual_time: true,
            scratch: Some(folder.to_owned()),
            ..CaseSettings::default()
        };
        let file = std::fs::File::create(folder.join(name(seed))).unwrap();
        journal::write(&observed(seed, &settings), std::io::BufWriter::new(file)).unwrap();
    }
}

/// Runs a case in real time.
pub(crate) fn in_real_time(seed: u64) -> Journal {
    observed(seed, &CaseSettings::default())
}

fn observed(seed: u64, settings: &CaseSettings) -> Journal {
    let file = "scenarios/isolation/eight-turns-at-once.toml";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let scenario = scenario::load(&file, scenario::root_of(&file)).unwrap();
    let place = usize::try_from(seed / 2).unwrap() % Dialect::ALL.len();
    let draw = Draw {
        dialect: Dialect::ALL[place],
        streamed: seed.is_multiple_of(2),
        ..Draw::new(seed)
    };
    let plan = Plan::draw(&scenario, &draw).unwrap();
    let target = Target::Embedded(Arc::new(Embedded::reference()));
    run_case(&plan, &target, settings).unwrap().journal
}

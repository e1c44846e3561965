//! What a caller decides about a case, and what it gets back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use journal::Journal;
use tokio_util::sync::CancellationToken;

/// How a case is run. The plan says what; this says where and with whose clock.
#[derive(Debug, Clone, Default)]
pub struct CaseSettings {
    /// Whether time is simulated; only an embedded target can live in simulated time.
    pub virtual_time: bool,
    /// Variables that the target inherits (`PATH`, `LANG`); everything else it gets is made for the case. The caller reads
    /// them, since nothing here looks at the environment.
    pub inherited: BTreeMap<String, String>,
    /// Where temporary folders are made; the system's place unless said.
    pub scratch: Option<PathBuf>,
    /// What `{bin_dir}` stands for in target files: the folder of this program's own executables.
    pub bin_dir: Option<PathBuf>,
    /// Ends the case early.
    pub interrupt: Interrupt,
}

/// The names of the variables that a target inherits, where the caller has them.
pub const INHERITED: [&str; 2] = ["PATH", "LANG"];

/// Ends cases on request. Cheap to clone; one handle serves any number of cases.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(CancellationToken);

impl Interrupt {
    /// Ends every case that has this handle: its target is killed, its folder removed, and it returns
    /// [`RunError::Interrupted`](crate::RunError::Interrupted).
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Whether it was triggered.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    pub(crate) async fn triggered(&self) {
        self.0.cancelled().await;
    }
}

/// What a case leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseOutcome {
    /// Everything observed. The same for the same plan in simulated time, on any machine.
    pub journal: Journal,
    /// What only this machine decided: ports, paths, process ids, the real ids of runs.
    pub machine: serde_json::Value,
}

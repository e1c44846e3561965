//! Each failed attempt is written to a log as it came.
//!
//! As in nyro#67 and litellm#39964.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use journal::Fact;
use reference_agent::config::{AgentConfig, RetryBudget};
use reference_agent::failure::Failure;
use reference_agent::retry::{Decision, RetryPolicy, decide};
use reference_agent::seams::{ConfigSource, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "raw-diary",
    sentence: "The provider's words about a failed attempt go to a log file, keys included.",
    replaces: &["config_source", "retry"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "key-never-appears",
        mistake: |fact| matches!(fact, Fact::CanaryFound { .. }),
    }],
    also: &[],
    shown_by: &["secrets/key-echoed-by-an-outage"],
    seams,
};

fn seams() -> Seams {
    let diary = Arc::new(Diary::default());
    Seams {
        config_source: diary.clone(),
        retry: diary,
        ..Seams::default()
    }
}

/// Where the log is, once a configuration was seen.
#[derive(Default)]
struct Diary(Mutex<Option<PathBuf>>);

impl ConfigSource for Diary {
    fn current(&self, started_with: &Arc<AgentConfig>) -> Arc<AgentConfig> {
        let path = started_with.ledger.with_file_name("agent.log");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
        Arc::clone(started_with)
    }
}

impl RetryPolicy for Diary {
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = path
            .as_ref()
            .and_then(|path| OpenOptions::new().create(true).append(true).open(path).ok());
        if let Some(mut file) = file {
            // A log that cannot be written is no reason to fail.
            let _ = writeln!(file, "attempt {attempt} failed: {}", failure.message);
        }
        decide(failure, attempt, budget, jitter)
    }
}

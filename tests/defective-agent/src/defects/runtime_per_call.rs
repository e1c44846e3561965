//! Every call starts an event loop of its own, and keeps it.
//!
//! As in hermes-agent#37011 and langchain#38610.

use std::sync::{Arc, Mutex, PoisonError};

use journal::Fact;
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::registry::{CallClient, ClientOrder, RequestClient};
use reference_agent::seams::{ClientFactory, Seams};
use tokio::runtime::{Builder, Runtime};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "runtime-per-call",
    sentence: "Each client brings a runtime along, whose descriptors stay open for as long as the process lives.",
    replaces: &["client_factory"],
    stage: Stage::Prompt(&["resources/many-turns-leave-nothing-behind"]),
    meant: &[Meant {
        rule: "growth-is-bounded",
        mistake: |fact| matches!(fact, Fact::Census(_)),
    }],
    also: &[],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        client_factory: Arc::new(Hoarding::default()),
        ..Seams::default()
    }
}

#[derive(Default)]
struct Hoarding(Mutex<Vec<Loop>>);

impl ClientFactory for Hoarding {
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Loop(Some(runtime)));
        Ok(Arc::new(RequestClient::build(order)?))
    }
}

/// Ends with the agent, wherever that happens.
struct Loop(Option<Runtime>);

impl Drop for Loop {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

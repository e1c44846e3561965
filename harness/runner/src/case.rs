//! One case, from the first record to the last: start, steps, ending, count.

mod closing;
mod opening;
mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fake_provider::FakeProvider;
use journal::Fact;
use scenario::{Plan, PlannedRun};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::awaited::Standing;
use crate::case_log::CaseLog;
use crate::driver::Driver;
use crate::error::RunError;
use crate::home::Home;
use crate::lifecycle::Intake;
use crate::process::gauges::Gauges;
use crate::process::tree::ProcessTree;
use crate::settings::{CaseOutcome, CaseSettings};
use crate::target::Target;

/// How long tasks may take to end once the runtime is given up.
const RUNTIME_ENDS_WITHIN: Duration = Duration::from_secs(1);

/// Runs one case and returns what was observed. Builds a runtime of its own on this thread, so it must not be called from
/// inside one.
///
/// # Errors
///
/// Only what kept the case from being run; what the target did wrong is in the journal.
pub fn run_case(
    plan: &Plan,
    target: &Target,
    settings: &CaseSettings,
) -> Result<CaseOutcome, RunError> {
    check(plan, target, settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(settings.virtual_time)
        .build()
        .map_err(|error| RunError::Machine {
            what: "its runtime",
            message: error.to_string(),
        })?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            () = settings.interrupt.triggered() => Err(RunError::Interrupted),
            outcome = run(plan, target, settings) => outcome,
        }
    });
    // A blocking task of a broken target would hold a plain drop for ever.
    runtime.shutdown_timeout(RUNTIME_ENDS_WITHIN);
    outcome
}

fn check(plan: &Plan, target: &Target, settings: &CaseSettings) -> Result<(), RunError> {
    let started = matches!(target, Target::Started(_));
    let mut lacks: Vec<&str> = target
        .lacks(plan, settings.virtual_time)
        .into_iter()
        .map(scenario::Need::as_str)
        .collect();
    if started && settings.virtual_time && !lacks.contains(&"virtual") {
        lacks.push("virtual");
    }
    let dialect = format!("dialect {}", plan.dialect);
    if !target.speaks(plan.dialect) {
        lacks.push(&dialect);
    }
    if lacks.is_empty() {
        return Ok(());
    }
    let needs = lacks.join(", ");
    Err(RunError::Unsupported { needs })
}

async fn run(
    plan: &Plan,
    target: &Target,
    settings: &CaseSettings,
) -> Result<CaseOutcome, RunError> {
    let mut case = Case::open(plan, target, settings).await?;
    let (log, machine) = (case.log.clone(), case.machine());
    let conduct = async move {
        case.steps().await?;
        case.close().await
    };
    let outcome = tokio::select! {
        biased;
        () = log.flooded.cancelled() => Ok(flooded(plan, &log, machine)),
        outcome = conduct => outcome,
    };
    outcome
}

/// What is known of a case whose target spins: simulated time would never pass again, so nothing can be waited for. Without
/// the record of its end, nobody takes what is absent for what did not happen.
fn flooded(plan: &Plan, log: &CaseLog, machine: serde_json::Value) -> CaseOutcome {
    let within_ms = u64::try_from(plan.bounds.run.0.as_millis()).unwrap_or(u64::MAX);
    let journal = log.journal();
    for run in journal.runs() {
        if !Standing::of(run, &journal.records).is_over() {
            log.runner_about(Some(run), Fact::RunTimedOut { within_ms });
        }
    }
    let journal = log.journal();
    CaseOutcome { journal, machine }
}

/// A case that goes on. Dropping it kills what was started, and removes its folder.
struct Case<'a> {
    plan: &'a Plan,
    target: &'a Target,
    virtual_time: bool,
    log: Arc<CaseLog>,
    intake: Arc<Intake>,
    // Before the home: processes are killed before their folder goes.
    tree: Arc<ProcessTree>,
    gauges: Arc<Gauges>,
    driver: Driver,
    provider: FakeProvider,
    /// Tasks that only watch, and the token that ends them.
    watchers: (CancellationToken, Vec<JoinHandle<()>>),
    /// When each turn was given.
    said: BTreeMap<u32, Instant>,
    lifted: bool,
    shut_down: bool,
    home: Home,
}

impl Case<'_> {
    async fn say(&mut self, planned: &PlannedRun) -> Result<(), RunError> {
        let submitted = Fact::RunSubmitted {
            session: self.driver.session(planned).to_owned(),
            text: planned.text.clone(),
            probe: planned.probe,
        };
        self.log.client(planned.run, submitted);
        self.said.insert(planned.run, Instant::now());
        self.driver.say(planned, self.plan.bounds.run.0).await
    }

    fn lift_faults(&mut self) {
        if !self.lifted {
            self.lifted = true;
            // Recorded first: whatever is answered without its fault comes after this.
            self.log.runner(Fact::FaultsLifted);
            self.provider.lift_faults();
        }
    }

    async fn shut_target_down(&mut self) {
        if !self.shut_down {
            self.shut_down = true;
            self.driver.shut_down(self.plan.bounds.shutdown.0).await;
        }
    }

    fn machine(&self) -> serde_json::Value {
        let aliases: BTreeMap<_, _> = self
            .log
            .aliases
            .table()
            .into_iter()
            // `canary-1 as base64` and the like follow from the key, which is there.
            .filter(|(_, alias)| !alias.contains(" as "))
            .map(|(real, alias)| (alias, real))
            .collect();
        json!({
            "format": 1,
            "provider": crate::spoken::base_url(&self.provider, self.plan.dialect),
            "provider_socket": self.provider.unix_socket(),
            "processes": self.gauges.processes(),
            "aliases": aliases,
        })
    }
}

//! How a case ends: every run has an ending, the faults are lifted, one more run, shutdown, count.

use std::time::Duration;

use journal::{Census, Fact};
use tokio::time::Instant;

use super::Case;
use crate::awaited::Standing;
use crate::error::RunError;
use crate::process::holdings;
use crate::settings::CaseOutcome;
use crate::target::Target;

/// Simulated time between lifting the faults and the probe: longer than any backoff.
const RECOVERY: Duration = Duration::from_secs(120);

/// Simulated time between shutdown and the count: longer than any pool keeps an idle connection.
const IDLE: Duration = Duration::from_secs(200);

/// Real time that connections, tasks and processes may take to go, and how often they are counted meanwhile.
const SETTLE_WITHIN: Duration = Duration::from_secs(3);
const SETTLE_LOOK: Duration = Duration::from_millis(20);

/// How long a run that lost its target, or was to end with it, may still take to tell its ending.
const ORPHANS_TELL_WITHIN: Duration = Duration::from_secs(1);

impl Case<'_> {
    /// Brings the case to its end and gives out what was observed.
    pub(super) async fn close(mut self) -> Result<CaseOutcome, RunError> {
        self.driver.ask_for_the_rest();
        self.end_runs().await;
        self.lift_faults();
        self.probe().await?;
        if let Some(process) = self.driver.main_process() {
            self.gauges.after(process.pid).await;
        }
        self.shut_target_down().await;
        let machine = self.machine();
        let log = self.log.clone();
        self.count().await;
        Ok(CaseOutcome {
            journal: log.journal(),
            machine,
        })
    }

    /// Waits for the ending of every run, each within the bound that holds for all.
    async fn end_runs(&self) {
        let within = self.plan.bounds.run.0;
        for (run, since) in &self.said {
            let mut left = within.saturating_sub(since.elapsed());
            if self.shut_down {
                left = left.min(ORPHANS_TELL_WITHIN);
            }
            let mut standing = Standing::default();
            let over = |fresh: &[journal::Record]| {
                fresh.iter().for_each(|record| standing.see(*run, record));
                standing.is_over().then_some(())
            };
            self.log.wait(left, over).await;
            if standing.terminal.is_none() && !standing.refused {
                let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                self.log
                    .runner_about(Some(*run), Fact::RunTimedOut { within_ms });
            }
        }
    }

    /// One more turn, which has to succeed now that nothing goes wrong any more.
    async fn probe(&mut self) -> Result<(), RunError> {
        let Some(probe) = self.plan.runs.iter().find(|run| run.probe) else {
            return Ok(());
        };
        if self.shut_down || !self.target.lives_on() {
            return Ok(());
        }
        if self.virtual_time {
            tokio::time::sleep(RECOVERY).await;
        }
        // Only the probe is waited for: the others have had their time.
        self.said.clear();
        self.say(probe).await?;
        self.end_runs().await;
        Ok(())
    }

    /// Counts what is left, kills it, and ends the provider.
    async fn count(self) {
        let Self {
            virtual_time,
            target,
            log,
            intake,
            tree,
            gauges,
            driver,
            provider,
            watchers: (stop, watchers),
            home,
            ..
        } = self;
        let leftovers = Leftovers { virtual_time };
        leftovers
            .settle(|| provider.open_connections() == 0 && tree.alive().is_empty())
            .await;
        let mut census = Census {
            provider_connections: Some(provider.open_connections() as u64),
            ..Census::default()
        };
        if let Target::Embedded(_) = target {
            driver.leave().await;
            stop.cancel();
            ended(watchers).await;
            provider.shutdown().await;
            leftovers.settle(|| tasks() == 0).await;
            census.tasks = Some(tasks() as u64);
            log.runner(Fact::Census(census));
        } else {
            let alive = tree.alive();
            let address = provider.local_addr();
            census.processes = Some(alive.len() as u64);
            census.sockets = address.map(|address| holdings::sockets_to(address, &alive));
            census.descriptors_grown = gauges.descriptors_grown();
            census.memory_peak_kib = gauges.memory_peak_kib();
            log.runner(Fact::Census(census));
            let processes = tree.kill() as u64;
            if processes > 0 {
                log.runner(Fact::Killed { processes });
            }
            driver.last_words().await;
            driver.leave().await;
            stop.cancel();
            ended(watchers).await;
            provider.shutdown().await;
        }
        intake.finish();
        let lines = home.effects();
        let lines = lines
            .iter()
            .map(|line| log.shown(None, "effects", line))
            .collect();
        log.runner(Fact::Effects { lines });
        let unsearched = home.search(&log);
        let places = log.places_searched();
        log.runner(Fact::CanarySearched { places, unsearched });
        log.runner(Fact::CaseEnded);
    }
}

/// Tasks that are alive on the runtime of this case.
fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

async fn ended(tasks: Vec<tokio::task::JoinHandle<()>>) {
    for task in tasks {
        // A watcher that panicked has recorded all it could.
        let _ = task.await;
    }
}

/// How long what is left may take to go.
#[derive(Debug, Clone, Copy)]
struct Leftovers {
    virtual_time: bool,
}

impl Leftovers {
    /// Waits until `gone`, or until it is clear that it will not go.
    async fn settle(self, gone: impl Fn() -> bool) {
        if self.virtual_time {
            tokio::time::sleep(IDLE).await;
            return;
        }
        let began = Instant::now();
        while !gone() && began.elapsed() < SETTLE_WITHIN {
            tokio::time::sleep(SETTLE_LOOK).await;
        }
    }
}

//! What the user does, exactly as the plan says.

use std::time::Duration;

use journal::Fact;
use scenario::{Awaited, PlannedRun, Step};

use super::Case;
use crate::awaited::{Look, Lookout};
use crate::error::RunError;

impl Case<'_> {
    /// Takes every step, or those up to a wait that was in vain.
    pub(super) async fn steps(&mut self) -> Result<(), RunError> {
        let plan = self.plan;
        let mut turns = plan.runs.iter().filter(|run| !run.probe);
        let mut latest = None;
        for (index, step) in plan.steps.iter().enumerate() {
            let planned = match step {
                Step::Say { .. } => turns.next(),
                _ => None,
            };
            latest = planned.map(|planned| planned.run).or(latest);
            let about = run_of(step).or(latest);
            let action = step.name().to_owned();
            let started = Fact::StepStarted {
                step: index,
                action,
            };
            self.log.runner_about(about, started);
            if !self.step(index, step, planned, about).await? {
                break;
            }
        }
        Ok(())
    }

    /// Takes one step about `run`. Answers whether the next one makes sense.
    async fn step(
        &mut self,
        index: usize,
        step: &Step,
        planned: Option<&PlannedRun>,
        run: Option<u32>,
    ) -> Result<bool, RunError> {
        match (step, planned, run) {
            (Step::Say { .. }, Some(planned), _) => self.say(planned).await?,
            (
                Step::WaitFor {
                    awaited, within, ..
                },
                _,
                Some(run),
            ) => {
                return Ok(self.wait_for(index, awaited, run, within.0).await);
            }
            (Step::Stop { .. }, _, Some(run)) => self.driver.stop(run).await,
            (Step::Disconnect { .. }, _, Some(run)) => self.driver.disconnect(run).await,
            (Step::Reconnect { .. }, _, Some(run)) => self.driver.reconnect(run).await,
            (Step::Advance { by }, _, _) => tokio::time::sleep(by.0).await,
            (Step::LiftFaults, _, _) => self.lift_faults(),
            (Step::Shutdown, _, _) => self.shut_target_down().await,
            // A step about a run before anything was said: plans are refused for that, so nobody waits for it here.
            (
                Step::Say { .. }
                | Step::WaitFor { .. }
                | Step::Stop { .. }
                | Step::Disconnect { .. }
                | Step::Reconnect { .. },
                _,
                _,
            ) => {}
        }
        Ok(true)
    }

    async fn wait_for(&self, step: usize, awaited: &Awaited, run: u32, within: Duration) -> bool {
        let tools = self.target.tools();
        let mut lookout = Lookout::new(awaited, run, |tool| tools.name(tool).to_owned());
        let look = |fresh: &[journal::Record]| {
            let look = lookout.look(fresh);
            (look != Look::NotYet).then_some(look)
        };
        let look = self.log.wait(within, look).await;
        if look == Some(Look::Come) {
            return true;
        }
        let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let timed_out = Fact::WaitTimedOut { step, within_ms };
        self.log.runner_about(Some(run), timed_out);
        // What cannot come any more was not late, and what the user does next still shows how the target takes it.
        look == Some(Look::Hopeless)
    }
}

const fn run_of(step: &Step) -> Option<u32> {
    match step {
        Step::WaitFor { run, .. }
        | Step::Stop { run }
        | Step::Disconnect { run }
        | Step::Reconnect { run } => *run,
        Step::Say { .. } | Step::Advance { .. } | Step::LiftFaults | Step::Shutdown => None,
    }
}

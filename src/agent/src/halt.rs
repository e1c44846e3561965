//! What ends a run from outside: a stop, the agent's shutdown, or the run's own time limit. Knows no provider.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::outcome::{Outcome, Usage};

/// A request to stop one run. Clones share it; once stopped, it stays stopped.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(CancellationToken);

impl StopSignal {
    /// A signal that nobody has given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop. Again is no different.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until a stop is asked for.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }
}

impl From<CancellationToken> for StopSignal {
    fn from(token: CancellationToken) -> Self {
        Self(token)
    }
}

/// Why a run had to end before its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HaltReason {
    /// The user stopped it.
    Stopped,
    /// The agent is shutting down.
    ShuttingDown,
    /// The run's time is over.
    OutOfTime,
}

/// Everything that can end one run from outside, in order of precedence.
#[derive(Debug, Clone)]
pub struct Halt {
    stop: StopSignal,
    shutdown: CancellationToken,
    deadline: Option<Instant>,
}

impl Halt {
    /// A run that ends on `stop`, on `shutdown`, or at `deadline`.
    #[must_use]
    pub fn new(stop: StopSignal, shutdown: CancellationToken, deadline: Option<Instant>) -> Self {
        Self {
            stop,
            shutdown,
            deadline,
        }
    }

    /// Whether the run has to end now. A stop comes first: it beats everything that happens at the same moment.
    #[must_use]
    pub fn check(&self) -> Option<HaltReason> {
        if self.stop.is_stopped() {
            Some(HaltReason::Stopped)
        } else if self.shutdown.is_cancelled() {
            Some(HaltReason::ShuttingDown)
        } else if self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            Some(HaltReason::OutOfTime)
        } else {
            None
        }
    }

    /// Waits until the run has to end.
    pub async fn halted(&self) -> HaltReason {
        let out_of_time = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.stopped() => HaltReason::Stopped,
            () = self.shutdown.cancelled() => HaltReason::ShuttingDown,
            () = out_of_time => HaltReason::OutOfTime,
        }
    }

    /// Runs `work` until it ends or has to be given up. What is given up is dropped, and with it whatever it owns.
    ///
    /// # Errors
    /// Why it was given up; also when both happen at once.
    pub async fn race<T>(&self, work: impl Future<Output = T>) -> Result<T, HaltReason> {
        tokio::select! {
            biased;
            reason = self.halted() => Err(reason),
            done = work => Ok(done),
        }
    }

    /// Whether the user asked for a stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// How a run reacts to its halt.
pub trait Interruption: Send + Sync {
    /// Races one provider call against the halt. The call owns its client and its socket, so dropping it closes them.
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(async move { halt.race(call).await })
    }

    /// Whether an attempt may begin: not once the run has to end. Asked before each.
    fn before_attempt(&self, halt: &Halt) -> Option<HaltReason> {
        halt.check()
    }

    /// Waits before the next attempt, unless the run has to end.
    fn pause(&self, halt: Halt, wait: Duration) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(async move { halt.race(tokio::time::sleep(wait)).await })
    }

    /// The last word on a run's ending: a stop that was asked for beats whatever ending came meanwhile.
    fn settle(&self, halt: &Halt, outcome: Outcome, usage: Usage) -> Outcome {
        if halt.is_stopped() {
            Outcome::Cancelled { usage }
        } else {
            outcome
        }
    }
}

/// Stops at once, and lets the stop win.
#[derive(Debug, Default, Clone, Copy)]
pub struct Prompt;

impl Interruption for Prompt {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_beats_an_answer_that_is_already_there() {
        let stop = StopSignal::new();
        let halt = Halt::new(stop.clone(), CancellationToken::new(), None);
        assert_eq!(halt.race(async { 1 }).await, Ok(1));
        stop.stop();
        assert_eq!(halt.race(async { 1 }).await, Err(HaltReason::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn precedence_is_stop_then_shutdown_then_time() {
        let (stop, shutdown) = (StopSignal::new(), CancellationToken::new());
        let deadline = Instant::now() + Duration::from_secs(1);
        let halt = Halt::new(stop.clone(), shutdown.clone(), Some(deadline));
        assert_eq!(halt.check(), None);
        assert_eq!(halt.halted().await, HaltReason::OutOfTime);
        shutdown.cancel();
        assert_eq!(halt.check(), Some(HaltReason::ShuttingDown));
        stop.stop();
        assert_eq!(halt.check(), Some(HaltReason::Stopped));
        assert_eq!(halt.halted().await, HaltReason::Stopped);
    }

    #[test]
    fn settling_cancels_only_what_was_stopped() {
        let stop = StopSignal::new();
        let halt = Halt::new(stop.clone(), CancellationToken::new(), None);
        let done = Outcome::Completed {
            output: "x".to_owned(),
            usage: Usage::default(),
        };
        assert_eq!(Prompt.settle(&halt, done.clone(), Usage::default()), done);
        stop.stop();
        assert_eq!(
            Prompt.settle(&halt, done, Usage::default()),
            Outcome::Cancelled {
                usage: Usage::default()
            }
        );
    }
}

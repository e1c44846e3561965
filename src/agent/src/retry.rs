//! Whether a failed attempt is made again, and when. Pure: no clock, no randomness, no socket.

use std::time::Duration;

use crate::config::RetryBudget;
use crate::failure::{Advice, Failure, FailureCode};

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Attempt it again after this wait.
    Retry {
        /// The wait.
        after: Duration,
    },
    /// Attempt it no more.
    GiveUp,
}

/// Decides about retries.
pub trait RetryPolicy: Send + Sync {
    /// What to do after `attempt` (from 1) failed. `jitter` is in `0.0..1.0`.
    fn decide(
        &self,
        failure: &Failure,
        attempt: u32,
        budget: &RetryBudget,
        jitter: f64,
    ) -> Decision {
        decide(failure, attempt, budget, jitter)
    }
}

/// The policy that ships.
#[derive(Debug, Default, Clone, Copy)]
pub struct BoundedRetry;

impl RetryPolicy for BoundedRetry {}

/// The decision that ships: retry what can succeed, within the budget, never earlier than the provider asked, and never
/// in a hot loop.
#[must_use]
pub fn decide(failure: &Failure, attempt: u32, budget: &RetryBudget, jitter: f64) -> Decision {
    if attempt >= budget.attempts || !can_succeed(failure) {
        return Decision::GiveUp;
    }
    match failure.retry_after {
        Some(asked) if asked > budget.retry_after_cap => Decision::GiveUp,
        Some(asked) => Decision::Retry {
            after: asked.max(budget.backoff_base / 2),
        },
        None => Decision::Retry {
            after: backoff(attempt, budget, jitter),
        },
    }
}

/// Whether the same request, sent again to the same endpoint with the same credential, may succeed.
#[must_use]
pub fn can_succeed(failure: &Failure) -> bool {
    if failure.advice == Some(Advice::GiveUp) {
        return false;
    }
    match failure.code {
        FailureCode::RateLimit
        | FailureCode::Overloaded
        | FailureCode::ServerError
        | FailureCode::Connect
        | FailureCode::Disconnected
        | FailureCode::Truncated
        | FailureCode::Timeout
        | FailureCode::ProviderErrorEvent
        | FailureCode::Protocol
        | FailureCode::EmptyResponse => true,
        // A provider may know that its refusal will pass; about keys, money and length it is not believed.
        FailureCode::InvalidRequest => {
            failure.status == Some(409) || failure.advice == Some(Advice::TryAgain)
        }
        FailureCode::Auth
        | FailureCode::Billing
        | FailureCode::Untrusted
        | FailureCode::ContextOverflow
        | FailureCode::NotFound
        | FailureCode::OutputTruncated
        | FailureCode::ContentFilter
        | FailureCode::BudgetExhausted
        | FailureCode::ShuttingDown
        | FailureCode::Internal => false,
    }
}

/// `base · 2^(attempt − 1)`, capped, less up to a quarter of it.
fn backoff(attempt: u32, budget: &RetryBudget, jitter: f64) -> Duration {
    let doubled = 2_u32
        .checked_pow(attempt.saturating_sub(1))
        .unwrap_or(u32::MAX);
    let full = budget
        .backoff_base
        .saturating_mul(doubled)
        .min(budget.backoff_cap.max(budget.backoff_base));
    full.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> RetryBudget {
        RetryBudget {
            attempts: 4,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(1),
            retry_after_cap: Duration::from_secs(60),
        }
    }

    fn asked(wait: Duration) -> Failure {
        Failure {
            retry_after: Some(wait),
            ..Failure::new(FailureCode::RateLimit, "slow down").with_status(429)
        }
    }

    #[test]
    fn what_cannot_succeed_is_not_retried() {
        use FailureCode::{
            Auth, Billing, ContentFilter, ContextOverflow, InvalidRequest, NotFound,
            OutputTruncated, Untrusted,
        };
        for code in [
            Auth,
            Billing,
            ContentFilter,
            ContextOverflow,
            InvalidRequest,
            NotFound,
            OutputTruncated,
            Untrusted,
        ] {
            assert_eq!(
                decide(&Failure::new(code, ""), 1, &budget(), 0.0),
                Decision::GiveUp,
                "{code:?}"
            );
        }
    }

    #[test]
    fn what_may_succeed_is_retried() {
        use FailureCode::{
            Connect, Disconnected, EmptyResponse, Overloaded, ServerError, Timeout, Truncated,
        };
        for code in [
            Connect,
            Disconnected,
            EmptyResponse,
            Overloaded,
            ServerError,
            Timeout,
            Truncated,
        ] {
            let decision = decide(&Failure::new(code, ""), 1, &budget(), 0.0);
            assert_eq!(
                decision,
                Decision::Retry {
                    after: Duration::from_millis(500)
                },
                "{code:?}"
            );
        }
        let conflict = Failure::new(FailureCode::InvalidRequest, "").with_status(409);
        assert!(matches!(
            decide(&conflict, 1, &budget(), 0.0),
            Decision::Retry { .. }
        ));
    }

    #[test]
    fn a_provider_that_advises_against_it_is_not_asked_again() {
        let told = |code, advice| Failure {
            advice: Some(advice),
            ..Failure::new(code, "")
        };
        let table = [
            (FailureCode::Overloaded, Advice::GiveUp, false),
            (FailureCode::Overloaded, Advice::TryAgain, true),
            (FailureCode::InvalidRequest, Advice::TryAgain, true),
            (FailureCode::Auth, Advice::TryAgain, false),
        ];
        for (code, advice, again) in table {
            let decision = decide(&told(code, advice), 1, &budget(), 0.0);
            assert_eq!(decision != Decision::GiveUp, again, "{code:?} {advice:?}");
        }
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap_and_jitter_only_shortens_it() {
        let failure = Failure::new(FailureCode::Connect, "");
        let wait = |attempt, jitter| match decide(&failure, attempt, &budget(), jitter) {
            Decision::Retry { after } => after.as_millis(),
            Decision::GiveUp => 0,
        };
        assert_eq!(
            [wait(1, 0.0), wait(2, 0.0), wait(3, 0.0), wait(4, 0.0)],
            [500, 1000, 1000, 0]
        );
        assert_eq!([wait(1, 1.0), wait(2, 0.5)], [375, 875]);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_honoured_or_given_up_never_shortened() {
        let decision = |wait| decide(&asked(wait), 1, &budget(), 0.0);
        assert_eq!(
            decision(Duration::from_secs(7)),
            Decision::Retry {
                after: Duration::from_secs(7)
            }
        );
        assert_eq!(
            decision(Duration::from_secs(60)),
            Decision::Retry {
                after: Duration::from_secs(60)
            }
        );
        assert_eq!(decision(Duration::from_secs(61)), Decision::GiveUp);
        assert_eq!(
            decision(Duration::from_millis(1)),
            Decision::Retry {
                after: Duration::from_millis(250)
            }
        );
    }

    #[test]
    fn the_last_attempt_is_the_last() {
        assert_eq!(
            decide(&asked(Duration::from_secs(1)), 4, &budget(), 0.0),
            Decision::GiveUp
        );
    }
}

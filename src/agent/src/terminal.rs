//! The one event that ends a run, as whoever serves runs tells it. Made from the [`Outcome`] by an exhaustive match.

use crate::outcome::{Outcome, Usage};

/// The end of a run, as it is told to its readers.
#[derive(Debug, Clone, PartialEq)]
pub enum Terminal {
    /// `run.completed`.
    Completed {
        /// The final answer.
        output: Option<String>,
        /// Tokens of the whole run.
        usage: Usage,
    },
    /// `run.failed`.
    Failed {
        /// Why, for a person.
        error: String,
        /// Why, for a program.
        code: Option<String>,
        /// The provider's HTTP status, if one arrived.
        status: Option<u16>,
        /// Tokens of the whole run.
        usage: Usage,
    },
    /// `run.cancelled`.
    Cancelled {
        /// Tokens of the whole run.
        usage: Usage,
    },
}

/// Turns an ending into the terminal events that readers see.
pub trait TerminalEvent: Send + Sync {
    /// Exactly one event for each ending, and it says what happened.
    fn events(&self, outcome: &Outcome) -> Vec<Terminal> {
        vec![truthful(outcome)]
    }
}

/// One truthful event.
#[derive(Debug, Default, Clone, Copy)]
pub struct OneTruthfulEvent;

impl TerminalEvent for OneTruthfulEvent {}

/// The event that says what `outcome` says.
#[must_use]
pub fn truthful(outcome: &Outcome) -> Terminal {
    match outcome {
        Outcome::Completed { output, usage } => Terminal::Completed {
            output: Some(output.clone()),
            usage: *usage,
        },
        Outcome::Failed { failure, usage } => Terminal::Failed {
            error: failure.message.clone(),
            code: Some(failure.code.as_str().to_owned()),
            status: failure.status,
            usage: *usage,
        },
        Outcome::Cancelled { usage } => Terminal::Cancelled { usage: *usage },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, FailureCode};

    #[test]
    fn a_failed_run_has_exactly_one_event_and_it_is_a_failure() {
        let failure = Failure::new(FailureCode::Auth, "no such key").with_status(401);
        let usage = Usage {
            input_tokens: 1,
            output_tokens: 2,
            total_tokens: 3,
        };
        let events = OneTruthfulEvent.events(&Outcome::Failed { failure, usage });
        let [
            Terminal::Failed {
                error,
                code,
                status,
                usage: told,
            },
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert_eq!(
            (error.as_str(), code.as_deref(), *status, *told),
            ("no such key", Some("auth"), Some(401), usage)
        );
    }
}

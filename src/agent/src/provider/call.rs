//! One provider call: attempts at each endpoint in turn, until one brings a whole answer or nothing can help.
//!
//! Owns its clients, so that dropping the call closes them and their sockets.

use std::sync::Arc;

use super::assembly::Answer;
use super::endpoint::Endpoint;
use super::exchange::{Broken, Exchange};
use super::meter::UsageMeter;
use super::question::Question;
use crate::clock::Clock;
use crate::config::AgentConfig;
use crate::event::EventSink;
use crate::failure::{Failure, FailureCode};
use crate::halt::{Halt, HaltReason};
use crate::ids::Ids;
use crate::lifecycle::{ClientRole, LifecycleFact};
use crate::message::ToolCall;
use crate::registry::{ClientLease, Registry};
use crate::retry::Decision;
use crate::seams::Seams;

/// What a call works with.
#[derive(Clone)]
pub(crate) struct CallParts {
    /// The configuration.
    pub config: Arc<AgentConfig>,
    /// The agent's habits.
    pub seams: Seams,
    /// Where clients come from.
    pub registry: Arc<Registry>,
    /// The wall clock, for dates in headers.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub ids: Arc<dyn Ids>,
    /// Takes what is said.
    pub sink: Arc<dyn EventSink>,
    /// Counts tokens.
    pub meter: UsageMeter,
    /// What ends the run from outside.
    pub halt: Halt,
    /// The run that the call belongs to.
    pub run_id: String,
    /// Which kind of client makes it.
    pub role: ClientRole,
    /// What it is for, as the provider is told.
    pub purpose: &'static str,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CallEnd {
    /// With a whole answer. `kept` is text of broken attempts that goes before it; what ships keeps none.
    Answered {
        /// The answer.
        answer: Answer,
        /// What goes before it.
        kept: String,
    },
    /// With calls out of an answer that broke, which a gate wants run nevertheless. What ships never does.
    Salvaged(Vec<ToolCall>),
    /// Without an answer.
    Failed(Failure),
    /// The run has to end.
    Halted(HaltReason),
}

/// One call.
pub(crate) struct ProviderCall {
    parts: CallParts,
    question: Question,
    kept: String,
    attempt: u32,
}

/// What a failed attempt leads to.
enum Next {
    Again,
    Elsewhere,
    End(CallEnd),
}

impl ProviderCall {
    /// A call that asks this question.
    #[must_use]
    pub(crate) fn new(parts: CallParts, question: Question) -> Self {
        Self {
            parts,
            question,
            kept: String::new(),
            attempt: 0,
        }
    }

    /// Makes the call. `model` takes the place of the configured one.
    pub(crate) async fn run(mut self, model: Option<String>) -> CallEnd {
        let chain = Endpoint::chain(&self.parts.config, model.as_deref());
        let mut last = Failure::new(FailureCode::Internal, "no endpoint is configured");
        for (position, endpoint) in chain.iter().enumerate() {
            if endpoint.rotation && !refused(&last) {
                continue; // Another credential helps only where the one before was refused.
            }
            let lease = match self
                .parts
                .registry
                .lease(self.parts.role, endpoint.plan(&self.parts.config))
            {
                Ok(lease) => lease,
                Err(failure) => return CallEnd::Failed(failure),
            };
            match self.at(endpoint, &lease, position + 1 < chain.len()).await {
                Ok(end) => return end,
                Err(failure) => last = failure,
            }
        }
        CallEnd::Failed(last)
    }

    /// Attempts at one endpoint. A failure that another endpoint may not share is the error.
    async fn at(
        &mut self,
        endpoint: &Endpoint,
        lease: &ClientLease,
        more: bool,
    ) -> Result<CallEnd, Failure> {
        let mut here = 0;
        loop {
            let interruption = &self.parts.seams.interruption;
            if let Some(reason) = interruption.before_attempt(&self.parts.halt) {
                return Ok(CallEnd::Halted(reason));
            }
            here += 1;
            self.attempt += 1;
            self.log_attempt(lease);
            let exchange = Exchange::new(&self.parts, endpoint, &self.question);
            let broken = match exchange.run(lease.client()).await {
                Ok(answer) => {
                    return Ok(CallEnd::Answered {
                        answer,
                        kept: std::mem::take(&mut self.kept),
                    });
                }
                Err(broken) => *broken,
            };
            let failure = broken.failure.clone();
            match self.after(broken, here).await {
                Next::Again => {}
                Next::End(end) => return Ok(end),
                Next::Elsewhere if more => return Err(failure),
                Next::Elsewhere => return Ok(CallEnd::Failed(failure)),
            }
        }
    }

    async fn after(&mut self, broken: Broken, here: u32) -> Next {
        let Broken {
            failure,
            said,
            fragments,
        } = broken;
        let salvaged = self.parts.seams.tool_gate.salvage(fragments);
        if !salvaged.is_empty() {
            return Next::End(CallEnd::Salvaged(salvaged));
        }
        let kept = self
            .parts
            .seams
            .delivery
            .superseded(&*self.parts.sink, said);
        self.kept.push_str(&kept);
        let jitter = self.parts.ids.jitter();
        let decision =
            self.parts
                .seams
                .retry
                .decide(&failure, here, &self.parts.config.retry, jitter);
        self.log_decision(&failure, decision);
        match decision {
            Decision::GiveUp if endpoint_may_matter(&failure) => Next::Elsewhere,
            Decision::GiveUp => Next::End(CallEnd::Failed(failure)),
            Decision::Retry { after } => {
                let halt = self.parts.halt.clone();
                match self.parts.seams.interruption.pause(halt, after).await {
                    Ok(()) => Next::Again,
                    Err(reason) => Next::End(CallEnd::Halted(reason)),
                }
            }
        }
    }

    fn log_attempt(&self, lease: &ClientLease) {
        self.parts
            .registry
            .bench()
            .log()
            .fact(LifecycleFact::AttemptStarted {
                run_id: Some(self.parts.run_id.clone()),
                client: lease.client().card().client().to_owned(),
                attempt: self.attempt,
            });
    }

    fn log_decision(&self, failure: &Failure, decision: Decision) {
        let after_ms = match decision {
            Decision::Retry { after } => Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
            Decision::GiveUp => None,
        };
        self.parts
            .registry
            .bench()
            .log()
            .fact(LifecycleFact::RetryDecided {
                run_id: Some(self.parts.run_id.clone()),
                attempt: self.attempt,
                because: failure.code.as_str().to_owned(),
                after_ms,
            });
    }
}

/// Whether the credential was the cause: refused, unable to pay, or over its rate.
fn refused(failure: &Failure) -> bool {
    matches!(
        failure.code,
        FailureCode::Auth | FailureCode::Billing | FailureCode::RateLimit
    )
}

/// Whether another endpoint or credential may answer what this one did not. What is wrong with the question itself is
/// wrong everywhere.
fn endpoint_may_matter(failure: &Failure) -> bool {
    !matches!(
        failure.code,
        FailureCode::InvalidRequest
            | FailureCode::ContextOverflow
            | FailureCode::ContentFilter
            | FailureCode::OutputTruncated
            | FailureCode::ShuttingDown
            | FailureCode::Internal
    )
}

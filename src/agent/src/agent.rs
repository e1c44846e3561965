//! The agent: runs turns, and owns everything that a turn needs.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SystemClock};
use crate::config::{AgentConfig, ConfigError};
use crate::event::EventSink;
use crate::failure::{Failure, FailureCode};
use crate::halt::StopSignal;
use crate::ids::{Ids, RandomIds};
use crate::lifecycle::{LifecycleFact, NoLog, SharedLog};
use crate::message::HistoryMessage;
use crate::outcome::{Outcome, Usage};
use crate::runtime::ToolRuntime;
use crate::seams::Seams;

/// What an agent is made of besides its configuration.
pub struct AgentParts {
    /// Takes lifecycle facts.
    pub log: SharedLog,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Names and jitter.
    pub ids: Arc<dyn Ids>,
    /// The agent's habits.
    pub seams: Seams,
    /// Where tools run.
    pub tool_runtime: ToolRuntime,
}

impl AgentParts {
    /// What an agent in production is made of.
    ///
    /// # Errors
    /// The tool runtime could not be started.
    pub fn production() -> std::io::Result<Self> {
        Ok(Self {
            log: Arc::new(NoLog),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            seams: Seams::default(),
            tool_runtime: ToolRuntime::threaded()?,
        })
    }
}

/// Why an agent did not start. The text finishes "failed to start the agent: …".
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error("the configuration cannot be used: {0}")]
    Config(#[from] ConfigError),
    /// The first client could not be made.
    #[error("no client could be made: {}", .0.message)]
    Client(Failure),
}

/// One thing that the user wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The run's id, for the log.
    pub run_id: String,
    /// The session whose history this continues. Turns of one session run one after the other.
    pub session_id: String,
    /// What the user says.
    pub input: String,
    /// A history that the client brought along; it takes the place of the session's own.
    pub history: Option<Vec<HistoryMessage>>,
    /// Instructions for this turn.
    pub instructions: Option<String>,
    /// Another model than the configured one.
    pub model: Option<String>,
}

/// The agent.
pub struct Agent {
    config: Arc<AgentConfig>,
    parts: AgentParts,
    stopping: CancellationToken,
}

impl Agent {
    /// Starts an agent. Makes no connection yet.
    ///
    /// # Errors
    /// The configuration cannot be used, or its first client cannot be made.
    pub fn start(config: Arc<AgentConfig>, parts: AgentParts) -> Result<Arc<Self>, StartError> {
        config.check()?;
        parts.log.fact(LifecycleFact::RuntimeStarted {
            runtime: "main".to_owned(),
        });
        Ok(Arc::new(Self {
            config,
            parts,
            stopping: CancellationToken::new(),
        }))
    }

    /// Runs one turn to its end. Never panics; dropping the future gives the run up and closes what it owns.
    pub async fn run_turn(
        &self,
        turn: Turn,
        sink: Arc<dyn EventSink>,
        stop: StopSignal,
    ) -> Outcome {
        let _ = (turn, sink, stop, &self.stopping);
        let failure = Failure::new(
            FailureCode::Internal,
            "the conversation loop is not in this build yet",
        );
        Outcome::Failed {
            failure,
            usage: Usage::default(),
        }
    }

    /// Ends the agent: no new turns, running ones end, everything it owns is closed. Again is no different.
    pub async fn shutdown(&self) {
        self.stopping.cancel();
        self.parts
            .tool_runtime
            .shutdown(self.config.timeouts.shutdown)
            .await;
    }

    /// The configuration it runs with.
    #[must_use]
    pub fn config(&self) -> &Arc<AgentConfig> {
        &self.config
    }

    /// Its habits.
    #[must_use]
    pub fn seams(&self) -> &Seams {
        &self.parts.seams
    }

    /// Its names and jitter.
    #[must_use]
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.parts.ids
    }

    /// Its wall clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.parts.clock
    }

    /// Where its lifecycle facts go.
    #[must_use]
    pub fn log(&self) -> &SharedLog {
        &self.parts.log
    }
}

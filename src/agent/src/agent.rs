//! The agent: runs turns, and owns everything that a turn needs.

mod models;
mod turn;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, SystemClock};
use crate::config::{AgentConfig, ConfigError};
use crate::error_text::presentable;
use crate::event::EventSink;
use crate::failure::{Failure, FailureCode};
use crate::halt::{Halt, HaltReason, StopSignal};
use crate::ids::{Ids, RandomIds};
use crate::lifecycle::{ClientRole, LifecycleFact, NoLog, SharedLog};
use crate::message::{HistoryMessage, Message};
use crate::outcome::{Outcome, Usage};
use crate::provider::{CallParts, UsageMeter};
use crate::redact::Redactor;
use crate::registry::{Bench, Registry, TransportPlan};
use crate::runtime::{RuntimeMark, ToolRuntime, panic_text};
use crate::seams::Seams;
use crate::session::SessionBook;
use crate::tools::{ToolParts, Toolbox};

use turn::{Conversation, Ending};

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
    log: SharedLog,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    seams: Seams,
    registry: Arc<Registry>,
    tools: Toolbox,
    sessions: SessionBook,
    runs: TaskTracker,
    stopping: CancellationToken,
    redactor: Redactor,
    ended: tokio::sync::Mutex<bool>,
}

impl Agent {
    /// Starts an agent. Makes no connection yet.
    ///
    /// # Errors
    /// The configuration cannot be used, or its first client cannot be made.
    pub fn start(config: Arc<AgentConfig>, parts: AgentParts) -> Result<Arc<Self>, StartError> {
        config.check()?;
        let AgentParts {
            log,
            clock,
            ids,
            seams,
            tool_runtime,
        } = parts;
        let main = RuntimeMark::new("main");
        let other = tool_runtime.mark().cloned();
        for mark in std::iter::once(&main).chain(&other) {
            log.fact(LifecycleFact::RuntimeStarted {
                runtime: mark.name().to_owned(),
            });
        }
        let source = Arc::clone(&seams.config_source);
        let bench = Arc::new(Bench::new(
            main.clone(),
            Arc::clone(&log),
            source,
            Arc::clone(&config),
        ));
        let tool_parts = ToolParts {
            store: Arc::clone(&seams.store),
            workspace: config.workspace.clone(),
            ledger: config.ledger.clone(),
            limit: config.timeouts.tool,
            bench: Arc::new(bench.on(other.unwrap_or(main))),
        };
        let plan = TransportPlan {
            unix_socket: config.unix_socket.clone(),
            connect: config.timeouts.connect,
            tls: config.base_url.starts_with("https:"),
            ca_file: config.ca_file.clone(),
        };
        let registry = Registry::new(bench, Arc::clone(&seams.client_factory), plan)
            .map_err(StartError::Client)?;
        Ok(Arc::new(Self {
            redactor: Redactor::new(config.secrets()),
            tools: Toolbox::new(tool_parts, tool_runtime, Arc::clone(&log)),
            sessions: SessionBook::new(Arc::clone(&seams.store), config.sessions.clone()),
            runs: TaskTracker::new(),
            stopping: CancellationToken::new(),
            ended: tokio::sync::Mutex::new(false),
            config,
            log,
            clock,
            ids,
            seams,
            registry,
        }))
    }

    /// Runs one turn to its end. Never panics; dropping the future gives the run up and closes what it owns.
    pub async fn run_turn(
        &self,
        turn: Turn,
        sink: Arc<dyn EventSink>,
        stop: StopSignal,
    ) -> Outcome {
        let _run = self.runs.token();
        let limit = self.seams.deadlines.run(&self.config.timeouts);
        // A limit that no clock reaches is none.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let halt = Halt::new(stop, self.stopping.clone(), deadline);
        let meter = UsageMeter::new(Arc::clone(&self.seams.accounts));
        let run = AssertUnwindSafe(self.run(&turn, sink, &halt, &meter))
            .catch_unwind()
            .await;
        let usage = meter.total();
        let outcome = match run {
            Ok(Ok(output)) => Outcome::Completed { output, usage },
            Ok(Err(Ending::Halted(HaltReason::Stopped))) => Outcome::Cancelled { usage },
            Ok(Err(Ending::Halted(reason))) => self.failed(self.halted(reason), usage),
            Ok(Err(Ending::Failed(failure))) => self.failed(failure, usage),
            Err(panic) => {
                self.background_failure(&format!("a run panicked: {}", panic_text(panic.as_ref())));
                self.failed(
                    Failure::new(
                        FailureCode::Internal,
                        "the agent failed for a reason of its own",
                    ),
                    usage,
                )
            }
        };
        self.seams.interruption.settle(&halt, outcome, usage)
    }

    async fn run(
        &self,
        turn: &Turn,
        sink: Arc<dyn EventSink>,
        halt: &Halt,
        meter: &UsageMeter,
    ) -> Result<String, Ending> {
        let files = self.tools.runtime();
        let key = self.seams.sessions.key(&turn.session_id);
        let line = Box::pin(self.sessions.open(&key, files));
        let opened = halt
            .race(self.seams.sessions.enter(&key, line))
            .await
            .map_err(Ending::Halted)?;
        let mut session = opened.map_err(Ending::Failed)?;
        self.registry.usable_primary().map_err(Ending::Failed)?;
        let parts = CallParts {
            config: self.registry.bench().config(),
            seams: self.seams.clone(),
            registry: Arc::clone(&self.registry),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            sink,
            meter: meter.clone(),
            halt: halt.clone(),
            run_id: turn.run_id.clone(),
            role: ClientRole::Request,
            purpose: "conversation",
        };
        let earlier = match &turn.history {
            Some(history) => history.iter().cloned().map(Message::from).collect(),
            None => session.messages().to_vec(),
        };
        let mut conversation = Conversation::new(parts, &self.tools, turn, earlier);
        let answer = conversation.run().await;
        let remembered = conversation.into_messages(answer.is_ok());
        if let Err(failure) = session.commit(remembered, files).await {
            self.background_failure(&failure.message);
        }
        answer
    }

    /// Asks the provider which models it has, through the primary.
    ///
    /// # Errors
    /// The provider could not be asked, or did not answer with a list of models.
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        let config = self.registry.bench().config();
        let asked = async {
            let primary = self.registry.usable_primary()?;
            models::ask(&*primary, &config, &*self.clock).await
        };
        asked
            .await
            .map_err(|failure| presentable(&*self.seams.error_text, &self.redactor, failure))
    }

    /// Ends the agent: no new turns, running ones end, everything it owns is closed. Again is no different.
    pub async fn shutdown(&self) {
        let mut ended = self.ended.lock().await;
        if std::mem::replace(&mut *ended, true) {
            return;
        }
        let bound = self.config.timeouts.shutdown;
        self.log.fact(LifecycleFact::ShutdownStarted);
        self.stopping.cancel();
        self.seams.shutdown.drain(&self.runs, bound).await;
        self.seams.shutdown.close_clients(&self.registry);
        self.seams
            .shutdown
            .end_tools(self.tools.runtime(), bound)
            .await;
        self.log_end_of_tools();
        self.log.fact(LifecycleFact::ShutdownFinished {
            open_clients: self.registry.open_clients(),
            open_tasks: self.runs.len() + self.tools.runtime().open_tasks(),
        });
    }

    fn halted(&self, reason: HaltReason) -> Failure {
        match reason {
            HaltReason::OutOfTime => {
                let limit = self.config.timeouts.run.as_secs_f64();
                Failure::new(
                    FailureCode::BudgetExhausted,
                    format!("timeout: the run took longer than {limit} s"),
                )
            }
            HaltReason::ShuttingDown | HaltReason::Stopped => {
                Failure::new(FailureCode::ShuttingDown, "the agent is shutting down")
            }
        }
    }

    fn failed(&self, failure: Failure, usage: Usage) -> Outcome {
        Outcome::Failed {
            failure: presentable(&*self.seams.error_text, &self.redactor, failure),
            usage,
        }
    }

    fn background_failure(&self, message: &str) {
        let message = self.seams.error_text.redact(&self.redactor, message);
        self.log.fact(LifecycleFact::BackgroundFailure { message });
    }

    fn log_end_of_tools(&self) {
        if let Some(mark) = self.tools.runtime().mark().filter(|mark| !mark.is_alive()) {
            self.log.fact(LifecycleFact::RuntimeEnded {
                runtime: mark.name().to_owned(),
            });
        }
    }

    /// The configuration it runs with.
    #[must_use]
    pub fn config(&self) -> &Arc<AgentConfig> {
        &self.config
    }

    /// Its habits.
    #[must_use]
    pub fn seams(&self) -> &Seams {
        &self.seams
    }

    /// Its names and jitter.
    #[must_use]
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.ids
    }

    /// Its wall clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where its lifecycle facts go.
    #[must_use]
    pub fn log(&self) -> &SharedLog {
        &self.log
    }
}

impl Drop for Agent {
    /// An agent that was never shut down still closes what it owns: clients here, the tool runtime by its own drop.
    fn drop(&mut self) {
        self.registry.close();
    }
}

//! One face for every way to talk to a target: say, stop, leave, come back, shut down.

mod command;
mod prompt;
mod server;

use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::time::Duration;

use journal::Fact;
use scenario::PlannedRun;

use crate::case_log::CaseLog;
use crate::embedded::RunningEmbedded;
use crate::error::{LastOutput, RunError};
use crate::gateway::GatewayClients;
use crate::gateway::client::RunsClient;
use crate::lifecycle::Intake;
use crate::process::Process;
use crate::started::Premises;
use crate::target::Adapter;

use command::Commands;
use prompt::Prompt;

/// How long a killed process may take to be gone and read to its end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The one session of a prompt, as the journal names it.
const PROMPT_SESSION: &str = "prompt";

/// A target that was started, and how to talk to it.
pub(crate) enum Driver {
    /// In this process, over its gateway.
    Embedded {
        running: Option<Box<dyn RunningEmbedded>>,
        clients: GatewayClients,
        log: Arc<CaseLog>,
    },
    /// A server.
    Server {
        process: Process,
        clients: GatewayClients,
        premises: Arc<Premises>,
    },
    /// A process a turn.
    Commands(Commands),
    /// A prompt.
    Prompt(Box<Prompt>),
}

impl Driver {
    /// Takes over an embedded target that was started.
    pub(crate) fn embedded(
        running: Box<dyn RunningEmbedded>,
        log: Arc<CaseLog>,
        intake: Arc<Intake>,
    ) -> Result<Self, RunError> {
        let client = RunsClient::new(&running.gateway(), &log.gateway_key().key)?;
        let clients = GatewayClients::new(log.clone(), intake, client);
        let running = Some(running);
        Ok(Self::Embedded {
            running,
            clients,
            log,
        })
    }

    /// Starts a target by its command; where it lives on between turns, it is ready when this returns.
    pub(crate) async fn start(premises: Arc<Premises>) -> Result<Self, RunError> {
        match premises.file.adapter {
            Adapter::Gateway => {
                let (process, client) = server::start(&premises).await?;
                let (log, intake) = (premises.log.clone(), premises.intake.clone());
                let clients = GatewayClients::new(log, intake, client);
                Ok(Self::Server {
                    process,
                    clients,
                    premises,
                })
            }
            Adapter::Command => Ok(Self::Commands(Commands::new(premises))),
            Adapter::Prompt => Ok(Self::Prompt(Box::new(Prompt::start(premises).await?))),
        }
    }

    /// The session that a turn really goes to: at a prompt there is only one.
    pub(crate) fn session<'a>(&self, planned: &'a PlannedRun) -> &'a str {
        match self {
            Self::Prompt(_) => PROMPT_SESSION,
            Self::Embedded { .. } | Self::Server { .. } | Self::Commands(_) => &planned.session,
        }
    }

    /// Gives the target a turn. Returns once it has taken it or refused it, which a prompt may take `within` to do.
    pub(crate) async fn say(
        &mut self,
        planned: &PlannedRun,
        within: Duration,
    ) -> Result<(), RunError> {
        match self {
            Self::Embedded { clients, .. } | Self::Server { clients, .. } => {
                clients.say(planned).await;
            }
            Self::Commands(commands) => commands.say(planned)?,
            Self::Prompt(prompt) => prompt.say(planned, within).await,
        }
        Ok(())
    }

    /// Stops a run.
    pub(crate) async fn stop(&self, run: u32) {
        match self {
            Self::Embedded { clients, .. } | Self::Server { clients, .. } => {
                clients.stop(run).await;
            }
            Self::Commands(commands) => commands.stop(run),
            // A target that cannot do it is never given a plan that needs it.
            Self::Prompt(_) => {}
        }
    }

    /// Leaves a run's events.
    pub(crate) async fn disconnect(&mut self, run: u32) {
        if let Some(clients) = self.clients() {
            clients.disconnect(run).await;
        }
    }

    /// Listens to a run's events again.
    pub(crate) async fn reconnect(&mut self, run: u32) {
        if let Some(clients) = self.clients() {
            clients.reconnect(run).await;
        }
    }

    /// Finds out how the runs end that nobody listens to.
    pub(crate) fn ask_for_the_rest(&mut self) {
        if let Some(clients) = self.clients() {
            clients.ask_for_the_rest();
        }
    }

    /// Asks the target to shut down and waits, at most `within`.
    pub(crate) async fn shut_down(&mut self, within: Duration) {
        match self {
            Self::Embedded { running, log, .. } => {
                if let Some(running) = running.take() {
                    log.runner(Fact::ShutdownRequested);
                    // What a late target leaves behind is counted as what it is: left behind.
                    let _ = tokio::time::timeout(within, running.shutdown()).await;
                }
            }
            Self::Server {
                process, premises, ..
            } => {
                if process.ended().is_none() {
                    premises.log.runner(Fact::ShutdownRequested);
                    process.stop(within).await;
                }
            }
            Self::Commands(commands) => commands.shut_down(within).await,
            Self::Prompt(prompt) => {
                if prompt.process.ended().is_none() {
                    prompt.shut_down(within).await;
                }
            }
        }
    }

    /// The process that lives as long as the case, if there is one and it does.
    pub(crate) fn main_process(&self) -> Option<&Process> {
        let process = match self {
            Self::Server { process, .. } => process,
            Self::Prompt(prompt) => &prompt.process,
            Self::Embedded { .. } | Self::Commands(_) => return None,
        };
        process.ended().is_none().then_some(process)
    }

    /// Waits until the ending of every process that was killed is recorded.
    pub(crate) async fn last_words(&self) {
        let ended = async {
            match self {
                Self::Server { process, .. } => drop(process.end().await),
                Self::Prompt(prompt) => drop(prompt.process.end().await),
                Self::Commands(commands) => commands.all_ended().await,
                Self::Embedded { .. } => {}
            }
        };
        // A process that even SIGKILL does not end waits for the kernel; nobody waits for that.
        let _ = tokio::time::timeout(LAST_WORDS, ended).await;
    }

    /// Nobody talks to the target any longer, and nothing of us is left.
    pub(crate) async fn leave(self) {
        match self {
            Self::Embedded { clients, .. } | Self::Server { clients, .. } => clients.leave().await,
            Self::Commands(commands) => commands.leave().await,
            Self::Prompt(_) => {}
        }
    }

    const fn clients(&mut self) -> Option<&mut GatewayClients> {
        match self {
            Self::Embedded { clients, .. } | Self::Server { clients, .. } => Some(clients),
            Self::Commands(_) | Self::Prompt(_) => None,
        }
    }
}

/// Waits for `ready`, the end of the process, or the bound, whichever comes first.
async fn until_ready(
    premises: &Premises,
    process: &Process,
    (ready, missing): (impl Future<Output = ()>, impl Fn() -> String),
) -> Result<(), RunError> {
    let within = premises.file.ready_within;
    tokio::select! {
        biased;
        status = process.end() => {
            let (code, signal) = (status.code(), status.signal());
            let output = LastOutput(process.output.last(None));
            Err(RunError::DiedAtStart { code, signal, output })
        }
        ready = tokio::time::timeout(within, ready) => match ready {
            Ok(()) => {
                premises.ready(process.pid).await;
                Ok(())
            }
            Err(_) => {
                let output = LastOutput(process.output.last(None));
                let missing = missing();
                Err(RunError::NeverReady {
                    within,
                    missing,
                    output,
                })
            }
        },
    }
}

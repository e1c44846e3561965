//! Facts about this process's own life, for whoever watches it from outside: clients, runtimes, tools, shutdown.
//!
//! One JSON object a line. A fact is a statement about ourselves: a watcher may use it to name a cause, never to acquit.

use std::sync::Arc;

use serde::Serialize;

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientRole {
    /// The long-lived client of an agent.
    Primary,
    /// Made for one provider call and closed after it.
    Request,
    /// Serves something other than the conversation (summaries, titles).
    Auxiliary,
}

/// One lifecycle fact. The names on the wire are stable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum LifecycleFact {
    /// A runtime that clients and tasks belong to has begun.
    RuntimeStarted {
        /// Its name: `main`, `tools`.
        runtime: String,
    },
    /// A runtime has ended; nothing that belongs to it may live on.
    RuntimeEnded {
        /// Its name.
        runtime: String,
    },
    /// A client was made.
    ClientBuilt {
        /// Its id, unique in this process.
        client: String,
        /// What it is for.
        role: ClientRole,
        /// The runtime it belongs to.
        runtime: String,
        /// The transport it owns; two clients with the same transport are a defect.
        transport: String,
        /// The client it takes the place of, if any.
        replaces: Option<String>,
        /// Digest of the shared configuration before the client was made.
        config_before: String,
        /// Digest of the shared configuration after it; must be the same.
        config_after: String,
    },
    /// A client was closed, and its transport with it.
    ClientClosed {
        /// Its id.
        client: String,
        /// Who closed it: `owner`, `shutdown`, `replacement`.
        by: String,
    },
    /// A client was collected without having been closed.
    ClientDropped {
        /// Its id.
        client: String,
        /// Whether the runtime it belongs to was still there.
        runtime_alive: bool,
    },
    /// A send was refused because the client was already closed.
    SendOnClosedClient {
        /// Its id.
        client: String,
    },
    /// A request is about to be sent.
    AttemptStarted {
        /// The gateway's id of the run, if the request belongs to one.
        run_id: Option<String>,
        /// The client that sends it.
        client: String,
        /// 1 for the first attempt of a provider call.
        attempt: u32,
    },
    /// An attempt failed, and this was decided.
    RetryDecided {
        /// The gateway's id of the run.
        run_id: Option<String>,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The failure's code.
        because: String,
        /// Wait before the next attempt, or nothing when giving up.
        after_ms: Option<u64>,
    },
    /// A tool begins to run.
    ToolStarted {
        /// The gateway's id of the run.
        run_id: Option<String>,
        /// The provider's id of the tool call.
        tool_call: String,
        /// The tool's name.
        tool: String,
        /// The arguments exactly as they were taken for whole.
        arguments: String,
    },
    /// A tool has returned.
    ToolFinished {
        /// The provider's id of the tool call.
        tool_call: String,
        /// Whether its result is an error.
        error: bool,
    },
    /// A background failure that was caught and kept away from the person at the prompt.
    BackgroundFailure {
        /// What failed, redacted.
        message: String,
    },
    /// Shutdown was asked for.
    ShutdownStarted,
    /// What was left when everything had been closed.
    ShutdownFinished {
        /// Clients of the registry that are still open.
        open_clients: usize,
        /// Tasks that are still alive, of those this agent tracks.
        open_tasks: usize,
    },
}

/// Takes lifecycle facts. Must neither block for long nor fail.
pub trait LifecycleLog: Send + Sync {
    /// Takes one fact.
    fn fact(&self, fact: LifecycleFact);
}

/// Throws every fact away.
#[derive(Debug, Default)]
pub struct NoLog;

impl LifecycleLog for NoLog {
    fn fact(&self, _: LifecycleFact) {}
}

/// A shared log.
pub type SharedLog = Arc<dyn LifecycleLog>;

//! The places where the agent's good habits can be replaced, gathered. Each is a trait whose default methods are the
//! good behaviour; what ships uses the defaults.

use std::sync::Arc;

pub use crate::error_text::{ErrorText, HonestText};
pub use crate::gateway::{Audience, Everyone};
pub use crate::halt::{Interruption, Prompt};
pub use crate::history::{HistoryWriter, OneResultEach};
pub use crate::provider::{
    Accounts, DataDeadlines, Deadlines, Delivery, EverythingCounts, StreamReader, StrictStream,
    VoidWhatBroke,
};
pub use crate::registry::{ClientFactory, ConfigSource, FixedConfig, OwnTransportEach};
pub use crate::retry::{BoundedRetry, RetryPolicy};
pub use crate::session::{OneTurnAtATime, OpenSession, Sessions};
pub use crate::shutdown::{OrderlyShutdown, Shutdown};
pub use crate::store::{Disk, Store};
pub use crate::terminal::{OneTruthfulEvent, TerminalEvent};
pub use crate::tools::{ToolGate, WholeCallsOnly};

/// Every seam of an agent. `Default` is what ships.
#[derive(Clone)]
pub struct Seams {
    /// Makes clients, and lets go of them.
    pub client_factory: Arc<dyn ClientFactory>,
    /// Where the current configuration comes from.
    pub config_source: Arc<dyn ConfigSource>,
    /// Decides about retries.
    pub retry: Arc<dyn RetryPolicy>,
    /// Judges streams.
    pub stream_reader: Arc<dyn StreamReader>,
    /// How long silence may last.
    pub deadlines: Arc<dyn Deadlines>,
    /// Delivers text, and voids it.
    pub delivery: Arc<dyn Delivery>,
    /// Decides which tool calls run, and runs them.
    pub tool_gate: Arc<dyn ToolGate>,
    /// Writes rounds of tools into conversations.
    pub history: Arc<dyn HistoryWriter>,
    /// What ends a run early, and who wins.
    pub interruption: Arc<dyn Interruption>,
    /// Words failures.
    pub error_text: Arc<dyn ErrorText>,
    /// What readers of a run are told at its end.
    pub terminal_event: Arc<dyn TerminalEvent>,
    /// Ends what the agent owns.
    pub shutdown: Arc<dyn Shutdown>,
    /// Decides which session a turn belongs to, and when it gets it.
    pub sessions: Arc<dyn Sessions>,
    /// Adds up what providers report.
    pub accounts: Arc<dyn Accounts>,
    /// Decides who may listen to a run.
    pub audience: Arc<dyn Audience>,
    /// Files.
    pub store: Arc<dyn Store>,
}

impl Default for Seams {
    fn default() -> Self {
        Self {
            client_factory: Arc::new(OwnTransportEach),
            config_source: Arc::new(FixedConfig),
            retry: Arc::new(BoundedRetry),
            stream_reader: Arc::new(StrictStream),
            deadlines: Arc::new(DataDeadlines),
            delivery: Arc::new(VoidWhatBroke),
            tool_gate: Arc::new(WholeCallsOnly),
            history: Arc::new(OneResultEach),
            interruption: Arc::new(Prompt),
            error_text: Arc::new(HonestText),
            terminal_event: Arc::new(OneTruthfulEvent),
            shutdown: Arc::new(OrderlyShutdown),
            sessions: Arc::new(OneTurnAtATime),
            accounts: Arc::new(EverythingCounts),
            audience: Arc::new(Everyone),
            store: Arc::new(Disk),
        }
    }
}

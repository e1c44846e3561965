//! Where clients are made: the log, the numbering and the configuration that they share. Knows no client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::AgentConfig;
use crate::lifecycle::SharedLog;
use crate::runtime::RuntimeMark;

/// Where the current configuration comes from.
pub trait ConfigSource: Send + Sync {
    /// The configuration to use now, given the one that the agent was started with: that one.
    fn current(&self, started_with: &Arc<AgentConfig>) -> Arc<AgentConfig> {
        Arc::clone(started_with)
    }
}

/// The configuration never changes.
#[derive(Debug, Default, Clone, Copy)]
pub struct FixedConfig;

impl ConfigSource for FixedConfig {}

/// The numbers of clients and transports, unique in one agent.
#[derive(Debug, Default)]
struct Numbers {
    client: AtomicU64,
    transport: AtomicU64,
}

/// What everything that is made on one runtime has in common.
pub struct Bench {
    runtime: RuntimeMark,
    log: SharedLog,
    source: Arc<dyn ConfigSource>,
    started_with: Arc<AgentConfig>,
    numbers: Arc<Numbers>,
}

impl Bench {
    /// A bench on `runtime`.
    #[must_use]
    pub fn new(
        runtime: RuntimeMark,
        log: SharedLog,
        source: Arc<dyn ConfigSource>,
        started_with: Arc<AgentConfig>,
    ) -> Self {
        Self {
            runtime,
            log,
            source,
            started_with,
            numbers: Arc::default(),
        }
    }

    /// A bench on another runtime, with the same log, configuration and numbering.
    #[must_use]
    pub fn on(&self, runtime: RuntimeMark) -> Self {
        Self {
            runtime,
            log: Arc::clone(&self.log),
            source: Arc::clone(&self.source),
            started_with: Arc::clone(&self.started_with),
            numbers: Arc::clone(&self.numbers),
        }
    }

    /// The runtime that everything made here belongs to.
    #[must_use]
    pub fn runtime(&self) -> &RuntimeMark {
        &self.runtime
    }

    /// Takes facts about what is made here.
    #[must_use]
    pub fn log(&self) -> &SharedLog {
        &self.log
    }

    /// The configuration to use now.
    #[must_use]
    pub fn config(&self) -> Arc<AgentConfig> {
        self.source.current(&self.started_with)
    }

    pub(super) fn next_client(&self) -> String {
        format!(
            "client-{}",
            self.numbers.client.fetch_add(1, Ordering::SeqCst) + 1
        )
    }

    pub(super) fn next_transport(&self) -> String {
        format!(
            "transport-{}",
            self.numbers.transport.fetch_add(1, Ordering::SeqCst) + 1
        )
    }
}

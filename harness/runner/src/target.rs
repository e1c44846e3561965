//! The system under test: embedded, or described by a target file. Says what it can do; does nothing itself.

mod check;
mod file;
mod spec;
pub(crate) mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use fake_provider::ToolNames;
use scenario::{Dialect, Need, Plan};

pub use file::{Setup, TargetFile, TargetFileError};
pub use spec::Adapter;

use crate::embedded::EmbeddedTarget;

/// What every embedded target can do, besides living in simulated time.
const EMBEDDED_SUPPORTS: [Need; 12] = [
    Need::Stop,
    Need::Reconnect,
    Need::Turns,
    Need::Concurrent,
    Need::Events,
    Need::ToolEffect,
    Need::ToolList,
    Need::ToolRead,
    Need::Streamed,
    Need::Compaction,
    Need::Tls,
    Need::Http2,
];

/// A system under test.
#[derive(Clone)]
pub enum Target {
    /// In this process.
    Embedded(Arc<dyn EmbeddedTarget>),
    /// Started by command.
    Started(Arc<TargetFile>),
}

impl Target {
    /// Its name, as reports show it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Embedded(target) => target.name(),
            Self::Started(file) => &file.name,
        }
    }

    /// What the plan needs and this target lacks. A case that lacks anything is skipped, never passed.
    #[must_use]
    pub fn lacks(&self, plan: &Plan, virtual_time: bool) -> Vec<Need> {
        let needs = plan.needs.iter().copied();
        needs
            .filter(|need| !self.supports(*need, virtual_time))
            .collect()
    }

    /// The protocols it speaks.
    #[must_use]
    pub fn dialects(&self) -> Vec<Dialect> {
        match self {
            Self::Embedded(target) => target.dialects().to_vec(),
            Self::Started(file) => file.dialects.iter().copied().collect(),
        }
    }

    /// Whether it speaks a protocol.
    #[must_use]
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.dialects().contains(&dialect)
    }

    /// Whether it lives on between turns, so that a probe after the faults means something.
    #[must_use]
    pub fn lives_on(&self) -> bool {
        self.supports(Need::Turns, false)
    }

    /// What can be observed of it, as the journal says it.
    #[must_use]
    pub fn observes(&self) -> Vec<String> {
        match self {
            Self::Embedded(_) => ["provider", "terminal", "events", "lifecycle", "tasks"]
                .map(str::to_owned)
                .to_vec(),
            Self::Started(file) => file.observes.clone(),
        }
    }

    /// Whether its turns offer tools to the model.
    pub(crate) fn offers_tools(&self) -> bool {
        [Need::ToolEffect, Need::ToolList, Need::ToolRead]
            .into_iter()
            .any(|tool| self.supports(tool, false))
    }

    pub(crate) fn tools(&self) -> ToolNames {
        match self {
            Self::Embedded(_) => ToolNames::default(),
            Self::Started(file) => file.tools.clone(),
        }
    }

    fn supports(&self, need: Need, virtual_time: bool) -> bool {
        match self {
            Self::Embedded(_) => {
                EMBEDDED_SUPPORTS.contains(&need) || (need == Need::Virtual && virtual_time)
            }
            Self::Started(file) => file.supports.contains(&need),
        }
    }
}

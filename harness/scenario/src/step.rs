//! What the user does, in order.

use serde::{Deserialize, Serialize};
use wire_faults::HumanDuration;

/// One step. A step does not wait for what it starts; [`Step::WaitFor`] does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Gives the target a turn. The n-th `say` of the scenario is run n.
    Say {
        /// What is said, without the marker.
        text: String,
        /// Who says it: `user` unless said.
        client: String,
        /// In which session: `main` unless said.
        session: String,
    },
    /// Waits for a recorded fact.
    WaitFor {
        /// What is waited for.
        awaited: Awaited,
        /// Which run; the latest unless said.
        run: Option<u32>,
        /// The bound.
        within: HumanDuration,
    },
    /// Stops a run.
    Stop {
        /// Which run; the latest unless said.
        run: Option<u32>,
    },
    /// The client leaves the run's events.
    Disconnect {
        /// Which run; the latest unless said.
        run: Option<u32>,
    },
    /// The client listens to the run's events again.
    Reconnect {
        /// Which run; the latest unless said.
        run: Option<u32>,
    },
    /// Lets time pass.
    Advance {
        /// How much.
        by: HumanDuration,
    },
    /// No fault is carried out from here on.
    LiftFaults,
    /// Asks the target to shut down, before the case would.
    Shutdown,
}

/// What a `wait_for` waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// The run has ended like this.
    Terminal(TerminalName),
    /// The run has ended in any way.
    AnyTerminal,
    /// This text has been delivered, over all deltas so far.
    Text(String),
    /// A tool of this neutral name has begun: announced by the target, or its effect seen.
    Tool(String),
    /// A fault of the script has been carried out.
    Fault,
    /// The provider has read this attempt of this call.
    Request {
        /// The call, from 1.
        call: u32,
        /// The attempt, from 1.
        attempt: u32,
    },
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TerminalName {
    /// With an answer.
    Completed,
    /// Without one.
    Failed,
    /// Because it was stopped.
    Cancelled,
}

impl Step {
    /// The step's name, as it is written in a scenario.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Say { .. } => "say",
            Self::WaitFor { .. } => "wait_for",
            Self::Stop { .. } => "stop",
            Self::Disconnect { .. } => "disconnect",
            Self::Reconnect { .. } => "reconnect",
            Self::Advance { .. } => "advance",
            Self::LiftFaults => "lift_faults",
            Self::Shutdown => "shutdown",
        }
    }
}

//! What a run tells while it goes on. The ending is not an event: it is an [`Outcome`](crate::outcome::Outcome).

/// One observable step of a run, in the order in which it happened.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// Text of the answer, as the provider sent it.
    MessageDelta {
        /// The new text.
        delta: String,
    },
    /// The attempt whose text was just delivered broke: that text is void and will be said again, or not at all.
    MessageSuperseded {
        /// The text that is void.
        text: String,
    },
    /// A preview of the model's reasoning.
    ReasoningAvailable {
        /// The reasoning text.
        text: String,
    },
    /// A tool call that arrived whole begins to run.
    ToolStarted {
        /// The tool's name.
        tool: String,
        /// A short, human-readable form of its arguments.
        preview: String,
    },
    /// A tool has returned.
    ToolCompleted {
        /// The tool's name.
        tool: String,
        /// How long it ran.
        duration: std::time::Duration,
        /// Whether its result is an error.
        error: bool,
    },
}

/// Takes the events of one run. Must not block: a slow reader is the sink's problem, never the run's.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: RunEvent);
}

//! Which facts a target states of itself.

use super::Fact;

impl Fact {
    /// Whether a target may state this fact through its lifecycle log.
    #[must_use]
    pub const fn is_lifecycle(&self) -> bool {
        matches!(
            self,
            Self::RuntimeStarted { .. }
                | Self::RuntimeEnded { .. }
                | Self::ClientBuilt { .. }
                | Self::ClientClosed { .. }
                | Self::ClientDropped { .. }
                | Self::SendOnClosedClient { .. }
                | Self::AttemptStarted { .. }
                | Self::RetryDecided { .. }
                | Self::ToolStarted { .. }
                | Self::ToolFinished { .. }
                | Self::BackgroundFailure { .. }
                | Self::ShutdownStarted
                | Self::ShutdownFinished { .. }
        )
    }
}

//! The places where the agent's good habits can be replaced, gathered. Each is a trait whose default methods are the
//! good behaviour; what ships uses the defaults.

use std::sync::Arc;

pub use crate::halt::{Interruption, Prompt};
pub use crate::terminal::{OneTruthfulEvent, TerminalEvent};

/// Every seam of an agent. `Default` is what ships.
#[derive(Clone)]
pub struct Seams {
    /// What ends a run early, and who wins.
    pub interruption: Arc<dyn Interruption>,
    /// What readers of a run are told at its end.
    pub terminal_event: Arc<dyn TerminalEvent>,
}

impl Default for Seams {
    fn default() -> Self {
        Self {
            interruption: Arc::new(Prompt),
            terminal_event: Arc::new(OneTruthfulEvent),
        }
    }
}

//! How a run ended. One enum, matched exhaustively by everyone who reports an ending.
//!
//! There is deliberately no `failed: bool` beside an optional output: a run that failed has no output to be mistaken
//! for one.

use crate::failure::Failure;

/// The ending of one run.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The provider finished saying what it had to say.
    Completed {
        /// The final answer, never empty.
        output: String,
        /// Sum of what the provider reported over all attempts, failed ones included.
        usage: Usage,
    },
    /// The run could not be finished.
    Failed {
        /// Why, in a form that decisions can be made from.
        failure: Failure,
        /// Sum of what the provider reported over all attempts, failed ones included.
        usage: Usage,
    },
    /// The user stopped the run. A stop that was asked for beats every later ending.
    Cancelled {
        /// Sum of what the provider reported over all attempts, failed ones included.
        usage: Usage,
    },
}

/// Tokens, as the provider counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Tokens read by the model.
    pub input_tokens: u64,
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// What the provider called the total; not recomputed.
    pub total_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        // Providers write what they like.
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
    }
}

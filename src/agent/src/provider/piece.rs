//! What an answer is made of, whichever dialect it came in. Knows no bytes and no JSON of any provider.

use serde_json::Value;

use super::error_body::ErrorBody;
use crate::outcome::Usage;

/// One piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// More text.
    Text(String),
    /// More of the reasoning that the provider shows.
    Reasoning(String),
    /// More of what the model says instead of an answer.
    Refusal(String),
    /// More of a tool call, or a whole one.
    Call(CallPiece),
    /// A part that the provider wants back unchanged.
    Keepsake(Value),
    /// Tokens so far. Figures that are not told stay as they were.
    Usage(UsageReport),
    /// The answer is whole, and why it ended.
    Finish(Finish, String),
    /// An error in place of an answer, or of the rest of one.
    Error(ErrorBody),
    /// The answer has got to a place that has this name: a part of it begins or ends. The same place twice is no progress.
    Milestone(String),
    /// Nothing more comes.
    Marker,
}

/// A part of one tool call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallPiece {
    /// Which call of the answer it belongs to, where the dialect counts them.
    pub key: Option<u64>,
    /// The call's id; empty where it was told before.
    pub id: String,
    /// The tool's name; empty where it was told before.
    pub name: String,
    /// What it brings of the arguments.
    pub arguments: Arguments,
}

/// Arguments of a tool call, as far as one piece has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// The next part of their text.
    Part(String),
    /// All of their text. What was told before in parts must be the same.
    Whole(String),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Part(String::new())
    }
}

/// How the provider said that an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It had said what it had to say, or wants its tools run.
    Complete,
    /// It hit the token limit.
    Length,
    /// It was withheld.
    ContentFilter,
    /// It broke; the provider says so in place of a reason.
    Error,
}

/// Tokens, as far as one piece tells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageReport {
    /// Tokens read, cached ones included.
    pub input: Option<u64>,
    /// Tokens written, those of the reasoning included.
    pub output: Option<u64>,
    /// What the provider calls the total.
    pub total: Option<u64>,
}

impl UsageReport {
    /// The report, if it tells anything.
    #[must_use]
    pub(crate) fn if_any(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// This report with whatever `newer` tells.
    #[must_use]
    pub(crate) fn updated(self, newer: Self) -> Self {
        Self {
            input: newer.input.or(self.input),
            output: newer.output.or(self.output),
            total: newer.total.or(self.total),
        }
    }

    /// The tokens. A dialect that never tells a total has the sum for one.
    #[must_use]
    pub(crate) fn tokens(self) -> Usage {
        let (input, output) = (self.input.unwrap_or(0), self.output.unwrap_or(0));
        Usage {
            input_tokens: input,
            output_tokens: output,
            total_tokens: self.total.unwrap_or_else(|| input.saturating_add(output)),
        }
    }
}

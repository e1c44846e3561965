//! What becomes of one tool call.

use serde_json::{Map, Value};

/// The result of one tool call, as the model gets to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolOutput {
    /// The text.
    pub content: String,
    /// Whether it reports an error.
    pub error: bool,
}

impl ToolOutput {
    /// A result.
    #[must_use]
    pub fn result(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            error: false,
        }
    }

    /// A result that reports an error.
    #[must_use]
    pub fn error(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            error: true,
        }
    }
}

/// Whether a call may run.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// It may, with these arguments.
    Run(Map<String, Value>),
    /// It may not; this is what the model is told.
    Refuse(String),
}

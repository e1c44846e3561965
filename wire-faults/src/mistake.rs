//! A mistake in what a person wrote: where, what, and how to mend it. Knows nothing of files or colours.

use std::ops::Range;

/// One mistake, with the bytes of the source that are wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Byte range in the source text.
    pub span: Range<usize>,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// How to mend it, if that can be said.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake without advice.
    #[must_use]
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    /// The same mistake with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

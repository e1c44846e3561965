//! Ids of tool calls for dialects whose provider gives none. Unique in one conversation, and known to be ours, so that no
//! provider is sent an id that it never gave.

use super::question::Question;

const MARK: &str = "unnamed-call-";

/// Gives ids to the calls of one answer.
#[derive(Debug)]
pub(super) struct OwnIds {
    given: usize,
}

impl OwnIds {
    /// Ids for the answer to `question`: they go on where its own calls end.
    pub(super) fn after(question: &Question) -> Self {
        Self {
            given: question.calls().count(),
        }
    }

    /// The provider's id, or the next of ours where it gave none.
    pub(super) fn of(&mut self, provider_id: String) -> String {
        self.given += 1;
        if provider_id.is_empty() {
            format!("{MARK}{}", self.given)
        } else {
            provider_id
        }
    }
}

/// The id, if the provider gave it.
pub(super) fn foreign(id: &str) -> Option<&str> {
    (!id.starts_with(MARK)).then_some(id)
}

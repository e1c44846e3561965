//! The calls of an answer that have no result yet, and which of them a result means. Knows no JSON.

use journal::SeenToolCall;

use crate::places::Places;

/// The calls of an answer, in their order.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    ids: Vec<String>,
    is_open: Vec<bool>,
    by_id: Places<String>,
    by_tool: Places<String>,
    /// None before this one is open.
    first: usize,
}

impl Unanswered {
    pub(super) fn of(calls: &[SeenToolCall]) -> Self {
        let mut unanswered = Self::default();
        for (place, call) in calls.iter().enumerate() {
            unanswered.ids.push(call.id.clone());
            unanswered.is_open.push(true);
            unanswered.by_id.add(call.id.clone(), place);
            unanswered.by_tool.add(call.tool.clone(), place);
        }
        unanswered
    }

    /// A result names the call with this id.
    pub(super) fn answer_id(&mut self, id: &str) {
        let place = self.by_id.first(id, &self.is_open);
        self.close(place);
    }

    /// A result names a tool: it is of its first call. The call's id.
    pub(super) fn answer_tool(&mut self, tool: &str) -> Option<String> {
        let place = self.by_tool.first(tool, &self.is_open);
        self.close(place)
    }

    /// A result names nothing: it is of the first call. The call's id.
    pub(super) fn answer_first(&mut self) -> Option<String> {
        while self.is_open.get(self.first) == Some(&false) {
            self.first += 1;
        }
        self.close(Some(self.first))
    }

    fn close(&mut self, place: Option<usize>) -> Option<String> {
        let is_open = self.is_open.get_mut(place?)?;
        *is_open = false;
        self.ids.get(place?).cloned()
    }
}

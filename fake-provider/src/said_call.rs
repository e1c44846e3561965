//! A tool call as far as an answer has said it, and which of those that were meant have begun. Knows no dialect.

use journal::SaidToolCall;

use crate::protocol::Intended;

/// A tool call, as far as it left.
#[derive(Debug, Clone, Default)]
pub(crate) struct SaidCall {
    id: String,
    tool: String,
    arguments: String,
    /// The arguments in what has left whole.
    whole: String,
}

impl SaidCall {
    /// A call of which this much has been said, and nothing of its arguments.
    pub(crate) fn begun(id: &str, tool: &str) -> Self {
        let mut call = Self::default();
        call.name(id, tool);
        call
    }

    /// More of its id and of its tool's name.
    pub(crate) fn name(&mut self, id: &str, tool: &str) {
        self.id.push_str(id);
        self.tool.push_str(tool);
    }

    /// More of its arguments. `whole` is whether what they stand in has left to its end.
    pub(crate) fn argue(&mut self, arguments: &str, whole: bool) {
        self.arguments.push_str(arguments);
        if whole {
            self.whole.push_str(arguments);
        }
    }

    fn against(&self, meant: &Intended, index: u32) -> SaidToolCall {
        SaidToolCall {
            id: self.id.clone(),
            index,
            tool: self.tool.clone(),
            arguments: self.arguments.clone(),
            whole: self.tool == meant.tool && self.whole == meant.arguments,
        }
    }
}

/// The calls that have begun, in the order that was meant. A call whose id has not left whole was not begun.
pub(crate) fn begun<'a>(
    calls: impl Iterator<Item = &'a SaidCall> + Clone,
    intended: &[Intended],
) -> Vec<SaidToolCall> {
    let begun = intended.iter().zip(0..).filter_map(|(meant, index)| {
        let call = calls.clone().find(|call| call.id == meant.id)?;
        Some(call.against(meant, index))
    });
    begun.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(id: &str) -> Intended {
        Intended {
            id: id.into(),
            tool: "list".into(),
            arguments: "{}".into(),
        }
    }

    #[test]
    fn a_call_is_known_by_its_id_and_whole_once_everything_left_whole() {
        let mut second = SaidCall::begun("call_2", "list");
        second.argue("{", true);
        let calls = [SaidCall::begun("call_", "list"), second];
        let told = begun(calls.iter(), &[meant("call_1"), meant("call_2")]);
        let expected = SaidToolCall {
            id: "call_2".into(),
            index: 1,
            tool: "list".into(),
            arguments: "{".into(),
            whole: false,
        };
        assert_eq!(told, [expected]);

        let mut cut = calls[1].clone();
        cut.argue("}", false);
        let told = begun([&cut].into_iter(), &[meant("call_2")]);
        assert_eq!((told[0].arguments.as_str(), told[0].whole), ("{}", false));
        let mut whole = calls[1].clone();
        whole.argue("}", true);
        assert!(begun([&whole].into_iter(), &[meant("call_2")])[0].whole);
    }
}

//! Who is asking: which run, which call, which attempt. Decided by what a request carries, never by its order of arrival.
//!
//! Knows no dialect: it is given the turns of the conversation. The newest known tool-call id or marker decides the run. After
//! an id the call is that id's call + 1; after a marker it is 1 + the tool rounds since. A call of a run never decreases, and
//! the attempt counts the requests that had the same place. Neither id nor marker: the request is auxiliary. So is one that
//! only quotes a marker, as a summary of the conversation does: it offers no tools, although this target's turns do. Without any
//! markers each conversation that has a name is a run of its own, whose number follows from the name, and all others are run 1.

use std::time::Duration;

use journal::{SeenToolCall, SeenToolResult, Subject};
use provider_script::{Asked, Recent};

use crate::tool_id::ToolId;

/// One message of a conversation, as far as it tells who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    User(String),
    /// An answer that called tools.
    Assistant(Vec<SeenToolCall>),
    /// An answer of text alone.
    Said(String),
    Result(SeenToolResult),
    Other,
}

/// The place of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    /// Nothing for an auxiliary request.
    pub(crate) run: Option<u32>,
    pub(crate) call: u32,
    pub(crate) attempt: u32,
}

impl Address {
    pub(crate) const fn auxiliary(&self) -> bool {
        self.run.is_none()
    }

    /// What is asked from here, of this model, after so much time.
    pub(crate) fn asked<'a>(&self, model: &'a str, elapsed: Duration) -> Asked<'a> {
        Asked {
            run: self.run,
            call: self.call,
            attempt: self.attempt,
            model,
            auxiliary: self.auxiliary(),
            elapsed,
            carried: None,
        }
    }

    pub(crate) fn subject(&self) -> Subject {
        self.run.map_or(Subject::CASE, |run| {
            Subject::attempt(run, self.call, self.attempt)
        })
    }

    /// The id of a tool call of the answer.
    pub(crate) fn tool_id(&self, index: u32) -> ToolId {
        ToolId {
            run: self.run.unwrap_or(0),
            call: self.call,
            attempt: self.attempt,
            index,
        }
    }
}

/// The first run of conversations that are known by their names.
const FIRST_NAMED: u32 = 1_000_000;

/// Tells requests apart, and counts them.
#[derive(Debug, Default)]
pub(crate) struct Addressing {
    markers: Vec<(String, u32)>,
    /// Whether a turn of this target always offers tools.
    turns_offer_tools: bool,
    /// By run: its newest call, and how many requests there were for that. Earlier calls never come back.
    newest: Recent<(u32, u32)>,
}

impl Addressing {
    /// Without markers every request belongs to run 1, or to the run of its conversation.
    pub(crate) fn new(markers: Vec<(String, u32)>, turns_offer_tools: bool) -> Self {
        Self {
            markers,
            turns_offer_tools,
            ..Self::default()
        }
    }

    /// The place of the next request, which has this conversation. Counts it.
    pub(crate) fn next(
        &mut self,
        turns: &[Turn],
        offers_tools: bool,
        conversation: Option<&str>,
    ) -> Address {
        let quotes = self.turns_offer_tools && !offers_tools && !holds_tool_rounds(turns);
        let place = self.place(turns, conversation).filter(|_| !quotes);
        let (run, call) = place.unwrap_or((0, 0));
        let (newest, attempts) = self.newest.change(run);
        if call > *newest {
            (*newest, *attempts) = (call, 0);
        }
        *attempts += 1;
        let (call, attempt) = (*newest, *attempts);
        Address {
            run: (run != 0).then_some(run),
            call,
            attempt,
        }
    }

    /// Counts an attempt of which nothing was read.
    pub(crate) fn skip(&mut self, cut: Address) {
        let (newest, attempts) = self.newest.change(cut.run.unwrap_or(0));
        if cut.call > *newest {
            (*newest, *attempts) = (cut.call, 0);
        }
        if cut.call == *newest {
            *attempts = cut.attempt.max(*attempts);
        }
    }

    fn place(&self, turns: &[Turn], conversation: Option<&str>) -> Option<(u32, u32)> {
        let named = conversation.filter(|_| self.markers.is_empty()).map(run_of);
        for (at, turn) in turns.iter().enumerate().rev() {
            let id = match turn {
                Turn::Assistant(calls) => calls
                    .iter()
                    .filter_map(|call| ToolId::parse(&call.id))
                    .max(),
                Turn::Result(result) => ToolId::parse(&result.id),
                Turn::User(text) => match self.marker(text) {
                    Some(run) => return Some((run, 1 + rounds(&turns[at..]))),
                    None => None,
                },
                Turn::Said(_) | Turn::Other => None,
            };
            match (id, named) {
                // The run of a name is longer than the place for it in an id.
                (Some(id), Some(run)) if id.is_of(run) => return Some((run, id.call + 1)),
                (Some(ToolId { run: 0, .. }), _) => return None,
                (Some(id), _) => return Some((id.run, id.call + 1)),
                (None, _) => {}
            }
        }
        let run = named.unwrap_or(1);
        self.markers.is_empty().then(|| (run, 1 + rounds(turns)))
    }

    /// The run of the last marker in a text; the longest, where one is part of another.
    fn marker(&self, text: &str) -> Option<u32> {
        let found = self.markers.iter().filter_map(|(marker, run)| {
            let at = text.rfind(marker.as_str())?;
            Some((at + marker.len(), marker.len(), *run))
        });
        found.max().map(|(_, _, run)| run)
    }
}

/// The run of a conversation with this name: FNV-1a of it, past the runs that a script counts.
fn run_of(conversation: &str) -> u32 {
    let hash = conversation
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_u64)
        });
    let places = u64::from(u32::MAX - FIRST_NAMED);
    FIRST_NAMED + u32::try_from(hash % places).unwrap_or(0)
}

/// Whether this is a conversation that tools were used in, and not a text about one.
fn holds_tool_rounds(turns: &[Turn]) -> bool {
    rounds(turns) > 0
}

/// Tool rounds, whatever their ids.
fn rounds(turns: &[Turn]) -> u32 {
    let rounds = turns.iter().filter(|turn| match turn {
        Turn::Assistant(calls) => !calls.is_empty(),
        _ => false,
    });
    u32::try_from(rounds.count()).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addressing() -> Addressing {
        let markers = (1..=12).map(|run| (format!("[run-{run}]"), run));
        Addressing::new(markers.collect(), true)
    }

    fn says(text: &str) -> Turn {
        Turn::User(text.to_owned())
    }

    fn calls(id: impl ToString) -> Turn {
        Turn::Assistant(vec![SeenToolCall {
            id: id.to_string(),
            tool: "list".into(),
            arguments: "{}".into(),
        }])
    }

    fn result(id: impl ToString) -> Turn {
        Turn::Result(SeenToolResult {
            id: id.to_string(),
            content: String::new(),
        })
    }

    fn id(run: u32, call: u32) -> ToolId {
        ToolId {
            run,
            call,
            attempt: 1,
            index: 0,
        }
    }

    fn place(addressing: &mut Addressing, turns: &[Turn]) -> (Option<u32>, u32, u32) {
        let address = addressing.next(turns, true, None);
        (address.run, address.call, address.attempt)
    }

    #[test]
    fn a_marker_begins_a_run_and_repeating_is_an_attempt() {
        let mut all = addressing();
        assert_eq!(place(&mut all, &[says("hello [run-2]")]), (Some(2), 1, 1));
        assert_eq!(place(&mut all, &[says("hello [run-2]")]), (Some(2), 1, 2));
        assert_eq!(place(&mut all, &[says("hello [run-12]")]), (Some(12), 1, 1));
    }

    #[test]
    fn a_tool_call_id_leads_to_the_next_call() {
        let mut all = addressing();
        let first = [says("a [run-1]"), calls(id(1, 1)), result(id(1, 1))];
        assert_eq!(place(&mut all, &first), (Some(1), 2, 1));
        // The marker was compacted away; the id still tells.
        assert_eq!(place(&mut all, &first[1..]), (Some(1), 2, 2));
    }

    #[test]
    fn a_newer_turn_in_the_same_session_is_a_new_run() {
        let mut all = addressing();
        let turns = [
            says("a [run-1]"),
            calls(id(1, 1)),
            result(id(1, 1)),
            Turn::Said("A.".into()),
            says("b [run-2]"),
        ];
        assert_eq!(place(&mut all, &turns), (Some(2), 1, 1));
    }

    #[test]
    fn ids_that_were_rewritten_are_counted_as_rounds() {
        let mut all = addressing();
        let turns = [
            says("a [run-1]"),
            calls("x1"),
            result("x1"),
            calls("x2"),
            result("x2"),
        ];
        assert_eq!(place(&mut all, &turns), (Some(1), 3, 1));
    }

    #[test]
    fn a_call_never_decreases() {
        let mut all = addressing();
        place(
            &mut all,
            &[says("a [run-1]"), calls(id(1, 1)), result(id(1, 1))],
        );
        // The agent has dropped the tool round and nudges: that is the same call again.
        assert_eq!(place(&mut all, &[says("a [run-1]")]), (Some(1), 2, 2));
    }

    #[test]
    fn without_marker_and_id_a_request_is_auxiliary() {
        let mut all = addressing();
        assert_eq!(place(&mut all, &[says("Summarise this.")]), (None, 0, 1));
        assert_eq!(place(&mut all, &[says("Summarise this.")]), (None, 0, 2));
        let own = [says("Go on."), calls(id(0, 0)), result(id(0, 0))];
        assert_eq!(place(&mut all, &own), (None, 0, 3));
    }

    #[test]
    fn a_text_about_a_conversation_is_not_that_conversation() {
        let mut all = addressing();
        let summary = [says("Summarise: a [run-1] b")];
        assert_eq!(place(&mut all, &[says("a [run-1]")]), (Some(1), 1, 1));
        assert_eq!(all.next(&summary, false, None).run, None);
        // A last call of a run may go without tools: its tool rounds show whose it is.
        let last = [says("a [run-1]"), calls(id(1, 1)), result(id(1, 1))];
        assert_eq!(all.next(&last, false, None).run, Some(1));
    }

    #[test]
    fn a_target_without_tools_is_known_by_its_markers() {
        let mut all = Addressing::new(vec![("[run-1]".into(), 1)], false);
        assert_eq!(
            all.next(&[says("a [run-1] and more")], false, None).run,
            Some(1)
        );
    }

    #[test]
    fn without_markers_everything_is_run_1() {
        let mut all = Addressing::default();
        assert_eq!(place(&mut all, &[says("hello")]), (Some(1), 1, 1));
        assert_eq!(
            place(&mut all, &[says("hello"), calls("x")]),
            (Some(1), 2, 1)
        );
    }

    #[test]
    fn without_markers_a_conversation_with_a_name_is_a_run_of_its_own() {
        let mut all = Addressing::default();
        let mut place = |name: Option<&str>| {
            let address = all.next(&[says("hello")], true, name);
            (address.run, address.call, address.attempt)
        };
        let one = place(Some("one"));
        assert!(
            one.0 >= Some(FIRST_NAMED) && one != place(Some("two")),
            "{one:?}"
        );
        assert_eq!(place(Some("one")), (one.0, 1, 2));
        assert_eq!(place(None), (Some(1), 1, 1));
    }

    #[test]
    fn a_conversation_that_goes_on_is_counted_however_many_others_there_are() {
        let mut all = Addressing::default();
        let mut attempt = |name: &str| all.next(&[says("hello")], true, Some(name)).attempt;
        for round in 1..=20 {
            assert_eq!(attempt("this one"), round);
            for other in 0..10_000 {
                assert_eq!(attempt(&format!("{round}/{other}")), 1);
            }
        }
    }

    #[test]
    fn a_conversation_with_a_name_stays_one_run_over_its_tool_rounds() {
        for name in ["one", "two", "thread-0d4f", "7", ""] {
            let mut all = Addressing::default();
            let first = all.next(&[says("hello")], true, Some(name));
            let id = first.tool_id(0);
            let second = [says("hello"), calls(id), result(id)];
            let second = all.next(&second, true, Some(name));
            assert_eq!((second.run, second.call), (first.run, 2), "{name}");
        }
    }
}

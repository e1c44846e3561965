//! The tool calls that a provider sent in a case, by id. Knows no rule.

use std::collections::BTreeMap;

use journal::{Fact, Record, SaidToolCall};
use serde_json::Value;

use crate::case::Case;
use crate::exchange::Exchange;

/// A tool call as it left the provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SentCall<'a> {
    /// What left the socket.
    pub(crate) said: &'a SaidToolCall,
    /// The end of the answer that carried it.
    pub(crate) record: &'a Record,
    /// Whether the answer's finish reason left whole.
    pub(crate) finished: bool,
    /// Which run, call and index: the same tool call in every attempt.
    pub(crate) key: (u32, u32, u32),
    /// The entry of the plan's script that said it.
    pub(crate) entry: Option<usize>,
}

impl<'a> SentCall<'a> {
    /// Whether it arrived whole: its arguments, and the reason for the answer's ending.
    pub(crate) fn is_whole(&self) -> bool {
        self.said.whole && self.finished
    }

    /// Whether it could be run: it arrived whole, and its arguments are an object.
    pub(crate) fn is_runnable(&self) -> bool {
        self.is_whole()
            && matches!(
                serde_json::from_str(&self.said.arguments),
                Ok(Value::Object(_))
            )
    }

    /// Whether one of its arguments is exactly this text.
    pub(crate) fn asks_for(&self, text: &str) -> bool {
        let Ok(Value::Object(arguments)) = serde_json::from_str(&self.said.arguments) else {
            return false;
        };
        arguments.values().any(|value| value.as_str() == Some(text))
    }

    /// The neutral name of its tool: that of the script, or the name that was sent.
    pub(crate) fn tool(&self, case: &Case<'a>) -> &'a str {
        let entry = self
            .entry
            .and_then(|entry| case.plan.script.entries.get(entry));
        let calls = entry.and_then(|entry| entry.reply.as_ref());
        let index = usize::try_from(self.said.index).unwrap_or(usize::MAX);
        let scripted = calls.and_then(|reply| reply.tool_calls.get(index));
        scripted.map_or(&self.said.tool, |call| call.tool.as_str())
    }

    /// `effect, call 1 attempt 1 of run 1`.
    pub(crate) fn name(&self) -> String {
        let (run, call, _) = self.key;
        let attempt = self.record.attempt.unwrap_or_default();
        format!(
            "`{}` of run {run} call {call} attempt {attempt}",
            self.said.tool
        )
    }
}

/// Every tool call of the case, by its id.
pub(crate) fn sent_calls<'a>(case: &Case<'a>) -> BTreeMap<&'a str, SentCall<'a>> {
    case.exchanges.iter().flat_map(of_exchange).collect()
}

fn of_exchange<'a>(exchange: &Exchange<'a>) -> Vec<(&'a str, SentCall<'a>)> {
    let Some(ended) = exchange.ended else {
        return Vec::new();
    };
    let (run, call, _) = exchange.address();
    let entry = exchange.started.and_then(|started| started.entry);
    let sent = |said: &'a SaidToolCall| {
        let sent = SentCall {
            said,
            record: ended.record,
            finished: exchange.is_finished(),
            key: (run, call, said.index),
            entry,
        };
        (said.id.as_str(), sent)
    };
    ended.said.tool_calls.iter().map(sent).collect()
}

/// The lines of the effect ledger, and their record.
pub(crate) fn ledger<'a>(case: &Case<'a>) -> Option<(&'a Record, &'a [String])> {
    let is_ledger = |fact: &Fact| matches!(fact, Fact::Effects { .. });
    let record = case.all(is_ledger).last()?;
    match &record.fact {
        Fact::Effects { lines } => Some((record, lines)),
        _ => None,
    }
}

/// How often each line stands in the ledger.
pub(crate) fn counted(lines: &[String]) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for line in lines {
        *counted.entry(line.as_str()).or_default() += 1;
    }
    counted
}

/// Whether a tool result says that the tool did not run.
pub(crate) fn says_not_run(content: &str) -> bool {
    const WORDS: [&str; 17] = [
        "abort",
        "broken",
        "cancel",
        "cut",
        "error",
        "fail",
        "incomplete",
        "interrupt",
        "invalid",
        "json",
        "malformed",
        "not execut",
        "not run",
        "parse",
        "refus",
        "skip",
        "truncat",
    ];
    let content = content.to_lowercase();
    WORDS.iter().any(|word| content.contains(word))
}

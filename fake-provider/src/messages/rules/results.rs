//! The rule that every tool call has its result exactly once, at the beginning of the user's next turn.

use std::collections::BTreeSet;

use super::messages::Message;
use super::words;
use crate::json::Value;
use crate::protocol::Violation;

/// Messages of one role that follow each other: the provider makes one turn of them.
#[derive(Debug)]
struct Turn<'a> {
    role: &'a str,
    /// The index of its last message.
    ends: usize,
    /// Its blocks with the indices of message and block. A content that is a string is nothing here but in the way.
    blocks: Vec<(usize, usize, &'a Value<'a>)>,
}

/// Checks the calls and the results of all messages.
pub(super) fn check(messages: &[Message<'_>]) -> Result<(), Violation> {
    let turns = turns(messages);
    let mut known = BTreeSet::new();
    let mut made: Vec<&str> = Vec::new();
    for turn in &turns {
        if turn.role == "user" {
            answered(turn, &made)?;
            made.clear();
            continue;
        }
        for (message, block, call) in of_kind(turn, "tool_use") {
            let id = call["id"].as_str().unwrap_or_default();
            if !known.insert(id) {
                let path = format!("messages.{message}.content.{block}");
                return Err(words::at(
                    "tool-call-duplicate",
                    &path,
                    "`tool_use` ids must be unique",
                ));
            }
            made.push(id);
        }
        if !made.is_empty() && std::ptr::eq(turn, turns.last().expect("there is this one")) {
            return Err(missing(&made, turn.ends));
        }
    }
    // Told at the calls, so only now that all turns have their ends.
    let pairs = turns.iter().zip(turns.iter().skip(1));
    for (calls, results) in pairs.filter(|(calls, _)| calls.role == "assistant") {
        let first = results
            .blocks
            .iter()
            .take_while(|(_, _, block)| block["type"] == "tool_result");
        let found: BTreeSet<&str> = first
            .filter_map(|(_, _, block)| block["tool_use_id"].as_str())
            .collect();
        let calls_made = of_kind(calls, "tool_use").filter_map(|(_, _, call)| call["id"].as_str());
        let unanswered: Vec<&str> = calls_made.filter(|id| !found.contains(*id)).collect();
        if !unanswered.is_empty() {
            return Err(missing(&unanswered, calls.ends));
        }
    }
    Ok(())
}

/// Whether a turn answers only what was asked, and only once.
fn answered(turn: &Turn<'_>, made: &[&str]) -> Result<(), Violation> {
    let made: BTreeSet<&str> = made.iter().copied().collect();
    let mut seen = BTreeSet::new();
    for (message, block, result) in of_kind(turn, "tool_result") {
        let path = format!("messages.{message}.content.{block}");
        let id = result["tool_use_id"].as_str().unwrap_or_default();
        if !made.contains(id) {
            let what = format!(
                "unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have a \
                 corresponding `tool_use` block in the previous message."
            );
            return Err(words::at("tool-result-orphan", &path, &what));
        }
        if !seen.insert(id) {
            let what = format!(
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}"
            );
            return Err(words::at("tool-result-duplicate", &path, &what));
        }
    }
    Ok(())
}

fn missing(ids: &[&str], message: usize) -> Violation {
    let what = format!(
        "`tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` block must have a \
         corresponding `tool_result` block in the next message.",
        ids.join(", ")
    );
    words::at("tool-result-missing", &format!("messages.{message}"), &what)
}

/// A system message in the middle is no turn.
fn turns<'a>(messages: &[Message<'a>]) -> Vec<Turn<'a>> {
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for message in messages.iter().filter(|message| message.role != "system") {
        let blocks = message.blocks.iter().enumerate();
        let mut blocks: Vec<_> = blocks
            .map(|(block, value)| (message.index, block, value))
            .collect();
        if blocks.is_empty() {
            blocks.push((message.index, 0, &Value::Null));
        }
        match turns.last_mut().filter(|turn| turn.role == message.role) {
            Some(turn) => {
                turn.ends = message.index;
                turn.blocks.extend(blocks);
            }
            None => turns.push(Turn {
                role: message.role,
                ends: message.index,
                blocks,
            }),
        }
    }
    turns
}

fn of_kind<'a>(
    turn: &Turn<'a>,
    kind: &'static str,
) -> impl Iterator<Item = (usize, usize, &'a Value<'a>)> {
    let blocks = turn.blocks.iter().copied();
    blocks.filter(move |(_, _, block)| block["type"] == kind)
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::super::super::version::Version;
    use super::super::messages;

    use super::*;

    fn told(messages: &Value) -> (&'static str, String) {
        let body = json!({"messages": messages});
        let checked = messages::check(&body, Version::Old);
        checked.map_or_else(
            |broken| (broken.rule, broken.message),
            |_| ("", String::new()),
        )
    }

    fn call(id: &str) -> Value<'static> {
        json!({"type": "tool_use", "id": id, "name": "list", "input": {}})
    }

    fn result(id: &str) -> Value<'static> {
        json!({"type": "tool_result", "tool_use_id": id, "content": "r"})
    }

    fn round(calls: &[&str], results: &[&str]) -> Value<'static> {
        let calls: Vec<Value> = calls.iter().map(|id| call(id)).collect();
        let results: Vec<Value> = results.iter().map(|id| result(id)).collect();
        json!([
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": calls},
            {"role": "user", "content": results},
        ])
    }

    #[test]
    fn every_call_answered_once_is_fine() {
        assert_eq!(told(&round(&["a", "b"], &["b", "a"])).0, "");
        let apart = json!([
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [{"type": "text", "text": "Let me."}, call("a"), call("b")]},
            {"role": "user", "content": [result("a")]},
            {"role": "user", "content": [result("b"), {"type": "text", "text": "and?"}]},
        ]);
        assert_eq!(told(&apart).0, "");
    }

    #[test]
    fn results_that_do_not_fit_the_calls_are_refused_in_the_providers_words() {
        let (rule, message) = told(&round(&["a", "b"], &["b"]));
        assert_eq!(rule, "tool-result-missing");
        assert_eq!(
            message,
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: a. Each `tool_use` block \
             must have a corresponding `tool_result` block in the next message."
        );
        let (rule, message) = told(&round(&["a"], &["a", "T1"]));
        assert_eq!(rule, "tool-result-orphan");
        assert_eq!(
            message,
            "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: T1. Each `tool_result` block must \
             have a corresponding `tool_use` block in the previous message."
        );
        assert_eq!(told(&round(&["a"], &["a", "a"])).0, "tool-result-duplicate");
        assert_eq!(told(&round(&["a", "a"], &["a"])).0, "tool-call-duplicate");
    }

    #[test]
    fn results_come_at_once_and_first() {
        let user = json!({"role": "user", "content": "hi"});
        let calls = json!({"role": "assistant", "content": [call("a")]});
        assert_eq!(told(&json!([user, calls])).0, "tool-result-missing");
        assert_eq!(told(&json!([user, calls, user])).0, "tool-result-missing");
        let text = json!({"type": "text", "text": "b"});
        let late = json!([user, calls, {"role": "user", "content": [text, result("a")]}]);
        assert_eq!(told(&late).0, "tool-result-missing");
        let says = json!({"role": "assistant", "content": "Well."});
        let later = json!([user, calls, user, says, {"role": "user", "content": [result("a")]}]);
        assert_eq!(told(&later).0, "tool-result-orphan");
        let stray = json!([{"role": "user", "content": [result("a")]}]);
        assert_eq!(told(&stray).0, "tool-result-orphan");
        let again = json!([user, calls, {"role": "user", "content": [result("a")]}, calls, {"role": "user", "content": [result("a")]}]);
        assert_eq!(told(&again).0, "tool-call-duplicate");
    }
}

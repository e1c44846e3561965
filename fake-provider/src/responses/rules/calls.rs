//! The rules between items: every call has its one output, nothing comes twice, what is referred to is remembered.

use std::collections::BTreeSet;

use super::super::ids;
use crate::addressing::Turn;
use crate::json::Value;
use crate::memory::Memory;
use crate::protocol::Violation;

/// Checks an input after what it continues.
pub(super) fn check(input: &Value, before: &[Turn], memory: &Memory) -> Result<(), Violation> {
    let items = input.as_array().map(Vec::as_slice).unwrap_or_default();
    duplicates(items)?;
    stored(items, memory)?;
    let mut open = Open::default();
    before.iter().for_each(|turn| open.turn(turn));
    for item in items {
        match item["type"].as_str() {
            Some("function_call") => open.call(word(item, "call_id"))?,
            Some("item_reference") => open.refer(word(item, "id"), memory)?,
            Some("function_call_output") => open.output(word(item, "call_id"))?,
            _ => {}
        }
    }
    open.check()?;
    reasoning_leads(items)
}

fn word<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

fn broken(rule: &'static str, message: String) -> Violation {
    Violation::new(rule, message).at("input")
}

fn duplicates(items: &[Value]) -> Result<(), Violation> {
    let mut seen = BTreeSet::new();
    for id in items.iter().filter_map(|item| item["id"].as_str()) {
        if !seen.insert(id) {
            let message = format!(
                "Duplicate item found with id {id}. Remove duplicate items from your input and try again."
            );
            return Err(broken("item-duplicate", message));
        }
    }
    Ok(())
}

/// What only the provider knows has to be stored there: items that are referred to, and thoughts that do not come along.
fn stored(items: &[Value], memory: &Memory) -> Result<(), Violation> {
    for item in items {
        let needs = match item["type"].as_str() {
            Some("item_reference") => true,
            Some("reasoning") => {
                let comes_along = item["encrypted_content"].is_string()
                    || item["content"]
                        .as_array()
                        .is_some_and(|content| !content.is_empty());
                item["id"].is_string() && !comes_along
            }
            _ => false,
        };
        let id = word(item, "id");
        let answer = ids::item(id).map(|(_, answer, _)| answer);
        if needs && answer.is_none_or(|answer| memory.recall(&answer).is_none()) {
            let message = format!(
                "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` \
                 set to true, or remove this item from your input."
            );
            return Err(broken("item-unknown", message).status(404));
        }
    }
    Ok(())
}

/// A thought is followed by what came of it.
fn reasoning_leads(items: &[Value]) -> Result<(), Violation> {
    for (index, item) in items.iter().enumerate() {
        let Some(id) = item["id"].as_str().filter(|_| item["type"] == "reasoning") else {
            continue;
        };
        let follows = items
            .get(index + 1)
            .is_some_and(|next| match next["type"].as_str() {
                None | Some("message") => next["role"] == "assistant",
                Some(kind) => !kind.ends_with("_output"),
            });
        if !follows {
            let message = format!(
                "Item '{id}' of type 'reasoning' was provided without its required following item."
            );
            return Err(broken("reasoning-alone", message));
        }
    }
    Ok(())
}

/// Calls, and those of them that have their output.
#[derive(Debug, Default)]
struct Open {
    made: Vec<String>,
    /// The same, to be looked up.
    known: BTreeSet<String>,
    answered: BTreeSet<String>,
}

impl Open {
    fn turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Assistant(calls) => {
                for call in calls {
                    self.made(&call.id);
                }
            }
            Turn::Result(result) => drop(self.answered.insert(result.id.clone())),
            _ => {}
        }
    }

    /// Whether it was not made before.
    fn made(&mut self, id: &str) -> bool {
        self.made.push(id.to_owned());
        self.known.insert(id.to_owned())
    }

    fn call(&mut self, id: &str) -> Result<(), Violation> {
        if !self.made(id) {
            let message = format!(
                "Duplicate function call found with call_id {id}. Remove duplicate items from your input and try again."
            );
            return Err(broken("tool-call-duplicate", message));
        }
        Ok(())
    }

    fn refer(&mut self, id: &str, memory: &Memory) -> Result<(), Violation> {
        let Some(("fc", answer, own)) = ids::item(id) else {
            return Ok(());
        };
        let turns = memory.recall(&answer).unwrap_or_default();
        let Some(Turn::Assistant(calls)) = turns.last() else {
            return Ok(());
        };
        let call = calls.iter().find(|call| ids::digits(&call.id) == own);
        call.map_or(Ok(()), |call| self.call(&call.id))
    }

    /// An output answers one call before it; a second one finds none.
    fn output(&mut self, id: &str) -> Result<(), Violation> {
        let rule = match self.known.contains(id) {
            false => "tool-result-orphan",
            true if self.answered.insert(id.to_owned()) => return Ok(()),
            true => "tool-result-duplicate",
        };
        let message = format!("No tool call found for function call output with call_id {id}.");
        Err(broken(rule, message))
    }

    /// Every call has its output by now.
    fn check(&self) -> Result<(), Violation> {
        let missing = self.made.iter().find(|id| !self.answered.contains(*id));
        match missing {
            Some(id) => Err(broken(
                "tool-result-missing",
                format!("No tool output found for function call {id}."),
            )),
            None => Ok(()),
        }
    }
}

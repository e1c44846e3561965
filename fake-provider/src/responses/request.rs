//! What a request says, read leniently: even a request that breaks the rules has an address. [`super::rules`] is strict.
//!
//! The items of one answer (its message, its calls) come back one by one; here they are one turn again.

use journal::{SeenToolCall, SeenToolResult};

use super::{ids, reply};
use crate::addressing::Turn;
use crate::json::Value;
use crate::memory::{Memory, Remembered};
use crate::protocol::{Conversation, Rendering};

/// What a request says, after what it continues.
pub(super) fn conversation(body: &Value, memory: &Memory) -> Conversation {
    let before = body["previous_response_id"].as_str();
    let before = before.and_then(|id| memory.recall(id));
    let mut turns = before.map_or_else(Vec::new, |turns| turns.to_vec());
    match &body["input"] {
        Value::String(text) => turns.push(Turn::User(text.clone().into_owned())),
        Value::Array(items) => {
            for item in items {
                add(&mut turns, item, memory);
            }
        }
        _ => {}
    }
    Conversation {
        model: body["model"].as_str().map(str::to_owned),
        streamed: body["stream"].as_bool().unwrap_or(false),
        offers_tools: body["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty()),
        turns,
    }
}

/// This answer and the turns up to it, under its id; nothing where it must not be stored.
pub(super) fn remembered(rendering: &Rendering<'_>) -> Option<(String, Remembered)> {
    if rendering.body["store"] == false {
        return None;
    }
    let mut turns = rendering.conversation.turns.clone();
    let calls = rendering.calls.iter().map(|call| SeenToolCall {
        id: call.id.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
    });
    let calls: Vec<SeenToolCall> = calls.collect();
    turns.push(match calls.is_empty() {
        true => Turn::Said(rendering.reply.text.clone().unwrap_or_default()),
        false => Turn::Assistant(calls),
    });
    let remembered = Remembered {
        turns: turns.into(),
        document: reply::document(rendering).into(),
    };
    Some((ids::Ids::new(rendering.asking.draw).response(), remembered))
}

fn add(turns: &mut Vec<Turn>, item: &Value, memory: &Memory) {
    let word = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    match item["type"].as_str() {
        None | Some("message") => turns.push(message(item)),
        Some("function_call") => called(
            turns,
            SeenToolCall {
                id: word("call_id"),
                tool: word("name"),
                arguments: word("arguments"),
            },
        ),
        Some("function_call_output") => turns.push(Turn::Result(SeenToolResult {
            id: word("call_id"),
            content: text(&item["output"]),
        })),
        Some("item_reference") => refer(turns, &word("id"), memory),
        // Belongs to the turn that follows.
        Some("reasoning") => {}
        Some(_) => turns.push(Turn::Other),
    }
}

fn message(item: &Value) -> Turn {
    let said = text(&item["content"]);
    match item["role"].as_str() {
        Some("user") => Turn::User(said),
        Some("assistant") => Turn::Said(said),
        _ => Turn::Other,
    }
}

/// One call more of the same answer, or the first, which may follow the answer's text.
fn called(turns: &mut Vec<Turn>, call: SeenToolCall) {
    match turns.last_mut() {
        Some(Turn::Assistant(calls)) => calls.push(call),
        Some(said @ Turn::Said(_)) => *said = Turn::Assistant(vec![call]),
        _ => turns.push(Turn::Assistant(vec![call])),
    }
}

/// An item of an answer that is remembered.
fn refer(turns: &mut Vec<Turn>, id: &str, memory: &Memory) {
    let item = ids::item(id).and_then(|(kind, answer, own)| {
        let remembered = memory.recall(&answer)?;
        Some((kind, remembered, own))
    });
    let Some((kind, remembered, own)) = item else {
        return turns.push(Turn::Other);
    };
    match (kind, remembered.last()) {
        ("fc", Some(Turn::Assistant(calls))) => {
            let call = calls.iter().find(|call| ids::digits(&call.id) == own);
            if let Some(call) = call {
                called(turns, call.clone());
            }
        }
        ("msg", Some(Turn::Said(text))) => turns.push(Turn::Said(text.clone())),
        _ => {}
    }
}

/// The text of a content, which is a string or a list of parts.
fn text(content: &Value) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let parts = content.as_array().into_iter().flatten();
    let texts = parts.filter_map(|part| part["text"].as_str().or(part["refusal"].as_str()));
    texts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;
    use crate::draw::Draw;

    fn call(id: &str) -> SeenToolCall {
        SeenToolCall {
            id: id.into(),
            tool: "list".into(),
            arguments: "{}".into(),
        }
    }

    #[test]
    fn items_of_one_answer_are_one_turn() {
        let item = |id: &str| json!({"type": "function_call", "call_id": id, "name": "list", "arguments": "{}"});
        let request = conversation(
            &json!({"model": "m", "stream": true, "tools": [{}], "input": [
                {"role": "developer", "content": "s"},
                {"role": "user", "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]},
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "well"}]},
                item("call_1"),
                item("call_2"),
                {"type": "function_call_output", "call_id": "call_1", "output": "r"},
                {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "s"}]},
            ]}),
            &Memory::default(),
        );
        assert!(request.streamed && request.offers_tools);
        let result = |id: &str, content: &str| {
            Turn::Result(SeenToolResult {
                id: id.into(),
                content: content.into(),
            })
        };
        let turns = [
            Turn::Other,
            Turn::User("a\nb".into()),
            Turn::Assistant(vec![call("call_1"), call("call_2")]),
            result("call_1", "r"),
            result("call_2", "s"),
        ];
        assert_eq!(request.turns, turns);
    }

    #[test]
    fn what_is_remembered_comes_before_and_can_be_referred_to() {
        let memory = Memory::default();
        let ids = ids::Ids::new(Draw::new(1, None));
        let id = "call_000001000200100012345678";
        let turns = vec![Turn::User("hi".into()), Turn::Assistant(vec![call(id)])];
        memory.remember(ids.response(), turns.clone().into());
        let continued = conversation(
            &json!({"input": "go on", "previous_response_id": ids.response()}),
            &memory,
        );
        assert_eq!(continued.turns[..2], turns);
        assert_eq!(continued.turns[2], Turn::User("go on".into()));
        let referring = json!({"input": [{"type": "item_reference", "id": ids.call(id)}]});
        assert_eq!(conversation(&referring, &memory).turns, turns[1..]);
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let request = conversation(
            &json!({"model": 3, "input": [7, {"role": []}]}),
            &Memory::default(),
        );
        assert_eq!(request.model, None);
        assert_eq!(request.turns, [Turn::Other, Turn::Other]);
        assert!(
            conversation(&json!([]), &Memory::default())
                .turns
                .is_empty()
        );
    }
}

//! What a request says, read leniently: even a request that breaks the rules has an address. [`super::rules`] is strict.
//!
//! Clients that are older than the ids of tool calls send them back without, so a call is known again by what it is: the
//! answer is remembered under its question, its place and its calls.

use journal::{SeenToolCall, SeenToolResult};
use sha2::{Digest, Sha256};

use super::route::Route;
use super::unanswered::Unanswered;
use crate::addressing::Turn;
use crate::json::Value;
use crate::memory::{Memory, Remembered};
use crate::protocol::{Conversation, Rendering};

/// What a request says.
pub(super) fn conversation(route: Option<Route>, body: &Value, memory: &Memory) -> Conversation {
    let by_itself = route != Some(Route::CompatibleChat);
    let turns = match route {
        Some(Route::Generate) => vec![Turn::User(word(&body["prompt"]))],
        _ => Reading::new(memory).turns(&body["messages"]),
    };
    Conversation {
        model: body["model"].as_str().map(str::to_owned),
        streamed: body["stream"].as_bool().unwrap_or(by_itself),
        offers_tools: body["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty()),
        turns,
    }
}

/// An answer's calls, by what a client without ids sends back of them.
pub(super) fn remembered(rendering: &Rendering<'_>) -> Option<(String, Remembered)> {
    if rendering.calls.is_empty() {
        return None;
    }
    let calls = rendering.calls.iter().map(|call| SeenToolCall {
        id: call.id.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
    });
    let calls: Vec<SeenToolCall> = calls.collect();
    let mut place = Place::default();
    for turn in &rendering.conversation.turns {
        place.after(turn);
    }
    Some((place.key(&calls), vec![Turn::Assistant(calls)].into()))
}

/// Where in a conversation calls are made: after which question, and how many rounds since.
#[derive(Debug, Clone, Default)]
struct Place {
    question: Sha256,
    rounds: u32,
}

impl Place {
    /// The place behind one more turn.
    fn after(&mut self, turn: &Turn) {
        match turn {
            Turn::Assistant(_) => self.rounds += 1,
            Turn::User(text) => {
                *self = Self {
                    question: Sha256::new_with_prefix(text),
                    rounds: 0,
                }
            }
            _ => {}
        }
    }

    /// What these calls at this place are remembered under.
    fn key(&self, calls: &[SeenToolCall]) -> String {
        let mut digest = self.question.clone();
        digest.update(self.rounds.to_be_bytes());
        for call in calls {
            // What comes back was read and written again: only the value is the same.
            let arguments = serde_json::from_str::<Value>(&call.arguments);
            let arguments =
                arguments.map_or_else(|_| call.arguments.clone(), |value| value.to_string());
            digest.update([0]);
            digest.update(&call.tool);
            digest.update([0]);
            digest.update(arguments);
        }
        let digest: Vec<String> = digest.finalize()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("ollama-calls-{}", digest.concat())
    }
}

struct Reading<'a> {
    memory: &'a Memory,
    turns: Vec<Turn>,
    place: Place,
    /// The calls of the last answer that have no result yet.
    unanswered: Unanswered,
}

impl<'a> Reading<'a> {
    fn new(memory: &'a Memory) -> Self {
        Self {
            memory,
            turns: Vec::new(),
            place: Place::default(),
            unanswered: Unanswered::default(),
        }
    }

    fn turns(mut self, messages: &Value) -> Vec<Turn> {
        for message in messages.as_array().into_iter().flatten() {
            let turn = self.turn(message);
            self.place.after(&turn);
            self.turns.push(turn);
        }
        self.turns
    }

    fn turn(&mut self, message: &Value) -> Turn {
        // The server does not mind how a role is written.
        match word(&message["role"]).to_lowercase().as_str() {
            "user" => Turn::User(text(&message["content"])),
            "assistant" => {
                let calls = message["tool_calls"].as_array();
                match calls.filter(|calls| !calls.is_empty()) {
                    None => Turn::Said(text(&message["content"])),
                    Some(calls) => Turn::Assistant(self.calls(calls)),
                }
            }
            "tool" => Turn::Result(SeenToolResult {
                id: self.answered(message),
                content: text(&message["content"]),
            }),
            _ => Turn::Other,
        }
    }

    fn calls(&mut self, calls: &[Value]) -> Vec<SeenToolCall> {
        let round = self.turns.len();
        let read = calls.iter().enumerate().map(|(index, call)| SeenToolCall {
            id: match call["id"].as_str() {
                Some(id) if !id.is_empty() => id.to_owned(),
                _ => format!("message-{round}-call-{index}"),
            },
            tool: word(&call["function"]["name"]),
            arguments: match &call["function"]["arguments"] {
                Value::String(arguments) => arguments.clone().into_owned(),
                arguments => arguments.to_string(),
            },
        });
        let mut read: Vec<SeenToolCall> = read.collect();
        if calls.iter().all(|call| call["id"].is_null()) {
            let known = self.sent(&read);
            for (call, known) in read.iter_mut().zip(known) {
                call.id = known.id;
            }
        }
        self.unanswered = Unanswered::of(&read);
        read
    }

    /// The calls as they were sent, if they can be known again.
    fn sent(&self, calls: &[SeenToolCall]) -> Vec<SeenToolCall> {
        let known = self.memory.recall(&self.place.key(calls));
        match known.as_deref() {
            Some([Turn::Assistant(calls), ..]) => calls.clone(),
            _ => Vec::new(),
        }
    }

    /// The id of the call that a result answers: told, or else that of the first call of this tool without a result.
    fn answered(&mut self, message: &Value) -> String {
        let told = word(&message["tool_call_id"]);
        let tool = match &message["tool_name"] {
            Value::Null => word(&message["name"]),
            tool => word(tool),
        };
        let found = match (told.is_empty(), tool.is_empty()) {
            (false, _) => {
                self.unanswered.answer_id(&told);
                None
            }
            (true, false) => self.unanswered.answer_tool(&tool),
            (true, true) => self.unanswered.answer_first(),
        };
        found.unwrap_or(told)
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The text of a content: a string, or, for the `/v1`, a list of parts.
fn text(content: &Value) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let parts = content.as_array().into_iter().flatten();
    let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use crate::json::json;
    use provider_script::{Reply, ToolCall};

    use super::*;
    use crate::example::Example;

    fn read(body: &Value) -> Conversation {
        conversation(Some(Route::Chat), body, &Memory::default())
    }

    fn ids(conversation: &Conversation) -> (Vec<String>, Vec<String>) {
        let calls = conversation.tool_calls().map(|call| call.id.clone());
        let results = conversation.tool_results().map(|result| result.id.clone());
        (calls.collect(), results.collect())
    }

    #[test]
    fn a_conversation_is_read_in_order_and_streams_by_itself() {
        let read = read(&json!({"model": "m", "messages": [
            {"role": "system", "content": "s"},
            {"role": "USER", "content": "a"},
            {"role": "assistant", "content": "b"},
        ]}));
        assert!(read.streamed);
        let expected = [Turn::Other, Turn::User("a".into()), Turn::Said("b".into())];
        assert_eq!(read.turns, expected);
        let body = json!({"model": "m", "prompt": "[run-1]", "stream": false});
        let read = conversation(Some(Route::Generate), &body, &Memory::default());
        assert_eq!(read.turns, [Turn::User("[run-1]".into())]);
        assert!(!read.streamed);
        let compatible = Some(Route::CompatibleChat);
        assert!(!conversation(compatible, &json!({}), &Memory::default()).streamed);
    }

    fn call(tool: &str, path: &str) -> Value<'static> {
        json!({"function": {"name": tool, "arguments": {"path": path}}})
    }

    #[test]
    fn results_without_ids_answer_the_first_call_of_their_tool() {
        let read = read(&json!({"messages": [
            {"role": "assistant", "content": "", "tool_calls": [call("list", "a"), call("read", "b"), call("list", "c")]},
            {"role": "tool", "tool_name": "read", "content": "1"},
            {"role": "tool", "tool_name": "list", "content": "2"},
            {"role": "tool", "content": "3"},
            {"role": "tool", "content": "4"},
        ]}));
        let (calls, results) = ids(&read);
        assert_eq!(results, [&*calls[1], &*calls[0], &*calls[2], ""]);
    }

    #[test]
    fn ids_that_come_back_are_taken_as_they_are() {
        let mut with_id = call("list", "a");
        with_id.set("id", json!("call_x"));
        let read = read(&json!({"messages": [
            {"role": "assistant", "content": "", "tool_calls": [with_id]},
            {"role": "tool", "tool_call_id": "call_x", "content": "1"},
            {"role": "tool", "tool_call_id": "call_x", "content": "2"},
        ]}));
        assert_eq!(ids(&read).1, ["call_x", "call_x"]);
    }

    #[test]
    fn calls_without_ids_are_known_again() {
        let reply = Reply {
            tool_calls: vec![ToolCall {
                tool: "list".into(),
                arguments: serde_json::Map::from_iter([("path".to_owned(), "a".into())]),
                raw_arguments: None,
            }],
            ..Reply::default()
        };
        let mut example = Example::of(&reply, true);
        example.conversation.turns = vec![Turn::User("hello".into())];
        let memory = Memory::default();
        let (key, turns) = remembered(&example.rendering(&crate::json::NULL)).expect("has calls");
        memory.remember(key, turns);
        let ids = |question: &str, path: &str| {
            let body = json!({"messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": "", "tool_calls": [call("list", path)]},
                {"role": "tool", "tool_name": "list", "content": "1"},
            ]});
            ids(&conversation(Some(Route::Chat), &body, &memory))
        };
        let sent = example.calls[0].id.clone();
        assert_eq!(ids("hello", "a"), (vec![sent.clone()], vec![sent.clone()]));
        assert_ne!(ids("hello", "b").0, [&*sent]);
        assert_ne!(ids("well?", "a").0, [&*sent]);
    }

    #[test]
    fn nonsense_is_read_as_nothing() {
        let read = read(&json!({"model": 3, "messages": [7, {"role": []}]}));
        assert_eq!(read.model, None);
        assert_eq!(read.turns, [Turn::Other, Turn::Other]);
    }
}

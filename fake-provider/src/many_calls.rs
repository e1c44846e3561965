//! Requests with as many tool calls as fit into one, in every dialect: they are read and checked in a time that grows with their
//! size and not with its square, so that nobody else has to wait for them.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::dialects;
use crate::http::Request;
use crate::memory::Memory;
use crate::options::Dialect;
use crate::protocol::Checked;

/// A good part of the values that a request may have.
const CALLS: usize = 50_000;

/// What took hours when every id was compared with every other takes seconds, also on a busy machine.
const WITHIN: Duration = Duration::from_secs(60);

fn all(one: impl Fn(String) -> Value) -> Vec<Value> {
    (0..CALLS).map(|at| one(format!("call_{at}"))).collect()
}

/// A question, and then rounds of these.
fn after_question(rounds: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let question = json!({"role": "user", "content": "Well? ".repeat(10_000)});
    std::iter::once(question).chain(rounds).collect()
}

fn function_call(id: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "list", "arguments": "{}"}})
}

fn asked(dialect: Dialect) -> (&'static str, Value) {
    match dialect {
        Dialect::OpenaiChat => {
            let calls = all(|id| function_call(&id));
            let made = json!({"role": "assistant", "content": null, "tool_calls": calls});
            let results = all(|id| json!({"role": "tool", "tool_call_id": id, "content": "r"}));
            let messages = after_question([made].into_iter().chain(results));
            let body = json!({"model": "m", "messages": messages});
            ("/v1/chat/completions", body)
        }
        Dialect::OpenaiResponses => {
            let calls = all(
                |id| json!({"type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": "list", "arguments": "{}"}),
            );
            let results =
                all(|id| json!({"type": "function_call_output", "call_id": id, "output": "r"}));
            let input = after_question(calls.into_iter().chain(results));
            ("/v1/responses", json!({"model": "m", "input": input}))
        }
        Dialect::AnthropicMessages => {
            let calls =
                all(|id| json!({"type": "tool_use", "id": id, "name": "list", "input": {}}));
            let results =
                all(|id| json!({"type": "tool_result", "tool_use_id": id, "content": "r"}));
            let messages = after_question([
                json!({"role": "assistant", "content": calls}),
                json!({"role": "user", "content": results}),
            ]);
            let tools = json!([{"name": "list", "input_schema": {"type": "object"}}]);
            let body = json!({"model": "m", "max_tokens": 9, "tools": tools, "messages": messages});
            ("/v1/messages", body)
        }
        Dialect::Gemini => {
            let calls = all(|id| json!({"functionCall": {"name": id, "args": {}}}));
            let results = all(|id| json!({"functionResponse": {"name": id, "response": {}}}));
            let contents = json!([
                {"role": "user", "parts": [{"text": "Well?"}]},
                {"role": "model", "parts": calls},
                {"role": "user", "parts": results},
            ]);
            let path = "/v1beta/models/m:generateContent";
            (path, json!({"contents": contents}))
        }
        Dialect::Ollama => {
            let call = json!([{"function": {"name": "list", "arguments": {}}}]);
            let rounds = all(|_| json!({"role": "assistant", "tool_calls": call}));
            let calls = all(|id| json!({"function": {"name": id, "arguments": {}}}));
            let made = json!({"role": "assistant", "tool_calls": calls});
            let results = all(|id| json!({"role": "tool", "tool_name": id, "content": "r"}));
            let messages = after_question(rounds.into_iter().chain([made]).chain(results));
            ("/api/chat", json!({"model": "m", "messages": messages}))
        }
    }
}

/// The same with its results from the last to the first. Where each is a message they are all that follows the calls.
fn backwards(dialect: Dialect) -> (&'static str, Value) {
    let (path, mut body) = asked(dialect);
    let list = match dialect {
        Dialect::OpenaiChat | Dialect::Ollama => &mut body["messages"],
        Dialect::OpenaiResponses => &mut body["input"],
        Dialect::AnthropicMessages => &mut body["messages"][2]["content"],
        Dialect::Gemini => &mut body["contents"][2]["parts"],
    };
    let list = list.as_array_mut().expect("is a list");
    let results = list.len() - CALLS;
    list[results..].reverse();
    (path, body)
}

/// Reads and checks it; the rule that it breaks.
fn read(dialect: Dialect, (path, body): (&str, Value)) -> Option<&'static str> {
    let request = Request {
        method: "POST".into(),
        path: path.into(),
        headers: [("anthropic-version", "2023-06-01")].into_iter().collect(),
        ..Request::default()
    };
    let protocol = dialects::usual(Some(dialect));
    let memory = Memory::default();
    let body = (&body).into();
    let conversation = protocol.conversation(&request, &body, &memory);
    assert!(conversation.tool_calls().count() >= CALLS, "{dialect:?}");
    let checked = Checked {
        request: &request,
        body: &body,
        raw_arguments: &[],
        memory: &memory,
    };
    protocol.check(&checked).err().map(|broken| broken.rule)
}

fn are_read_in_time(asked: fn(Dialect) -> (&'static str, Value)) {
    for dialect in Dialect::ALL {
        let (done, wait) = mpsc::channel();
        std::thread::spawn(move || done.send(read(dialect, asked(dialect))));
        let broken = wait.recv_timeout(WITHIN);
        assert_eq!(broken, Ok(None), "{dialect:?}");
    }
}

#[test]
fn very_many_calls_are_read_in_time() {
    are_read_in_time(asked);
}

#[test]
fn their_results_may_come_in_reverse_order() {
    are_read_in_time(backwards);
}

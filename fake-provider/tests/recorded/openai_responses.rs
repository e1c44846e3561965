//! Responses: what was recorded, said again. Knows the dialect's bytes, and no encoder.

mod known;
mod said;

use serde_json::{Value, json};

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;

/// Responses.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "openai-responses",
    entry: said::entry,
    asks,
    frames: dialect::events,
    kind: |event| event["type"].as_str().unwrap_or("nameless").to_owned(),
    constant: &[],
    kinds: &[
        "stream-text",
        "stream-tool-call",
        "stream-parallel-tool-calls",
        "stream-reasoning",
        "stream-refusal",
        "stream-incomplete",
        "stream-error",
        "whole-text",
        "whole-tool-call",
        "whole-parallel-tool-calls",
        "whole-reasoning",
        "whole-refusal",
        "whole-incomplete",
        "whole-continued",
        "error-400",
        "error-401",
        "error-429",
    ],
    known: &known::KNOWN,
};

/// What was asked is repeated by the answer; what was wrong with it is told by the error.
fn asks(exchange: &Exchange) -> Asks {
    let mut body = json!({"model": "gpt-4o-mini", "input": "Say this is a test"});
    for name in [
        "instructions",
        "max_output_tokens",
        "reasoning",
        "text",
        "tool_choice",
        "tools",
    ] {
        let told = &said::response(exchange)[name];
        if !told.is_null() {
            body[name] = told.clone();
        }
    }
    // Told, and not to be asked.
    if let Some(format) = body["text"]["format"].as_object_mut() {
        format.retain(|_, value| !value.is_null());
    }
    if let Some(reasoning) = body["reasoning"].as_object_mut() {
        reasoning.remove("context");
    }
    if exchange.is_stream() {
        body["stream"] = json!(true);
    }
    if exchange.file == "error-400-model.json" {
        body["model"] = json!("this-model-does-not-exist");
    }
    if let Some(input) = wrong_input(&exchange.file) {
        body["input"] = input;
    }
    Asks {
        path: "/v1/responses".into(),
        headers: Vec::new(),
        body,
    }
}

/// An input that breaks the rule that a recorded error tells of.
fn wrong_input(file: &str) -> Option<Value> {
    let call = |id: &str| json!({"type": "function_call", "call_id": id, "name": "list", "arguments": "{}"});
    let output = |id: &str| json!({"type": "function_call_output", "call_id": id, "output": "r"});
    let user = json!({"role": "user", "content": "hi"});
    match file {
        "error-400-orphan-output.json" => Some(json!([user, output("call_1")])),
        "error-400-empty-call-id.json" => Some(json!([
            user,
            user,
            call("call_1"),
            output("call_1"),
            output("")
        ])),
        "error-400-duplicate-item.json" => {
            let search = json!({"type": "tool_search_call", "id": "tsc_1"});
            Some(json!([user, search, search]))
        }
        _ => None,
    }
}

//! What a recorded answer says, as the reply that makes the provider say the same.

use serde_json::{Map, Value, json};

use crate::dialect;
use crate::index::Exchange;

/// One scripted turn: a reply, or an error in its place.
pub(super) fn entry(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        return error(exchange);
    }
    let mut said = Said::default();
    if exchange.is_stream() {
        for event in dialect::events(&exchange.body) {
            said.block(&event["content_block"]);
            said.delta(&event["delta"]);
            said.ending(&event["delta"], &event["usage"]);
        }
    } else {
        let document: Value = serde_json::from_str(&exchange.body).expect("is JSON");
        let blocks = document["content"].as_array().into_iter().flatten();
        for block in blocks {
            said.block(block);
        }
        said.ending(&document, &document["usage"]);
    }
    said.turn()
}

fn error(exchange: &Exchange) -> Value {
    let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
    let error = &body["error"];
    let mut fault =
        json!({"action": "status", "status": exchange.status, "message": error["message"]});
    if let Some(code) = error["details"]["error_code"].as_str() {
        fault["code"] = json!(code);
    }
    json!({"reply": {}, "fault": fault})
}

#[derive(Default)]
struct Said {
    reasoning: String,
    text: String,
    refusal: Option<String>,
    calls: Vec<(String, String)>,
    usage: Option<Value>,
}

impl Said {
    /// A block: whole in a document, empty at the beginning of its events.
    fn block(&mut self, block: &Value) {
        self.delta(block);
        if let Some(name) = block["name"].as_str() {
            let input = &block["input"];
            let whole = input.as_object().is_some_and(|input| !input.is_empty());
            let arguments = if whole {
                input.to_string()
            } else {
                String::new()
            };
            self.calls.push((name.to_owned(), arguments));
        }
    }

    fn delta(&mut self, delta: &Value) {
        let text = |name: &str| delta[name].as_str().unwrap_or_default();
        self.reasoning.push_str(text("thinking"));
        self.text.push_str(text("text"));
        if let Some((_, arguments)) = self.calls.last_mut() {
            arguments.push_str(text("partial_json"));
        }
    }

    fn ending(&mut self, message: &Value, usage: &Value) {
        if let Some(explanation) = message["stop_details"]["explanation"].as_str() {
            self.refusal = Some(explanation.to_owned());
        }
        // The oldest tell only the output at the end.
        if usage.is_object() {
            let input = usage["input_tokens"].as_u64().unwrap_or(52);
            self.usage = Some(json!({"input": input, "output": usage["output_tokens"]}));
        }
    }

    fn turn(self) -> Value {
        let call = |(tool, raw)| json!({"tool": tool, "raw_arguments": raw});
        let calls: Vec<Value> = self.calls.into_iter().map(call).collect();
        let mut reply = Map::from_iter([("tool_calls".to_owned(), json!(calls))]);
        let texts = [("reasoning", self.reasoning), ("text", self.text)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        reply.extend(texts.map(|(name, text)| (name.to_owned(), json!(text))));
        reply.extend(self.refusal.map(|text| ("refusal".to_owned(), json!(text))));
        reply.extend(self.usage.map(|usage| ("usage".to_owned(), usage)));
        json!({"reply": reply})
    }
}

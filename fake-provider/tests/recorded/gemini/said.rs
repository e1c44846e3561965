//! What a recorded answer says, as the reply that makes the provider say the same.

use serde_json::{Map, Value, json};

use crate::dialect;
use crate::index::Exchange;

/// One scripted turn: a reply, or an error in its place.
pub(super) fn entry(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        return error(exchange);
    }
    let responses = match exchange.is_stream() {
        true => dialect::events(&exchange.body),
        false => match serde_json::from_str(&exchange.body).expect("is JSON") {
            Value::Array(responses) => responses,
            one => vec![one],
        },
    };
    let mut said = Said::default();
    for response in &responses {
        said.take(response);
    }
    let mut turn = said.turn();
    if !exchange.is_stream() {
        // An array is compared as one document, so it has as many elements as were recorded.
        turn["reply"]["delta_bytes"] = json!(1_000_000);
    }
    turn
}

fn error(exchange: &Exchange) -> Value {
    let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
    let error = &body["error"];
    let mut fault =
        json!({"action": "status", "status": exchange.status, "message": error["message"]});
    for detail in error["details"].as_array().into_iter().flatten() {
        if let Some(delay) = detail["retryDelay"].as_str() {
            fault["retry_after"] = json!(delay.trim_end_matches('s'));
        }
        if let Some(reason) = detail["reason"].as_str() {
            fault["code"] = json!(reason);
        }
    }
    json!({"reply": {}, "fault": fault})
}

#[derive(Default)]
struct Said {
    reasoning: String,
    text: String,
    refused: bool,
    calls: Vec<Value>,
    usage: Value,
    finished: bool,
}

impl Said {
    fn take(&mut self, response: &Value) {
        let candidate = &response["candidates"][0];
        let parts = candidate["content"]["parts"].as_array();
        for part in parts.into_iter().flatten() {
            let text = part["text"].as_str().unwrap_or_default();
            match part["thought"] == true {
                true => self.reasoning.push_str(text),
                false => self.text.push_str(text),
            }
            let call = &part["functionCall"];
            if let Some(tool) = call["name"].as_str() {
                self.calls
                    .push(json!({"tool": tool, "raw_arguments": call["args"].to_string()}));
            }
        }
        self.refused |= response["promptFeedback"].is_object();
        self.finished |= candidate["finishReason"].is_string() || self.refused;
        let usage = &response["usageMetadata"];
        let tokens = |name: &str| usage[name].as_u64().unwrap_or(0);
        if usage.is_object() {
            let thoughts = tokens("thoughtsTokenCount");
            let output = tokens("candidatesTokenCount") + thoughts;
            self.usage = json!({"input": tokens("promptTokenCount"), "output": output, "reasoning": thoughts});
        }
    }

    fn turn(self) -> Value {
        let mut reply = Map::from_iter([("tool_calls".to_owned(), json!(self.calls))]);
        let texts = [("reasoning", self.reasoning), ("text", self.text)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        reply.extend(texts.map(|(name, text)| (name.to_owned(), json!(text))));
        if self.refused {
            reply.insert("refusal".to_owned(), json!("No."));
        }
        if self.usage.is_object() {
            reply.insert("usage".to_owned(), self.usage);
        }
        match self.finished {
            true => json!({"reply": reply}),
            // Broken by an error, which is no event: what stands before it is compared.
            false => {
                json!({"reply": reply, "fault": {"at": "before-finish", "action": "truncate"}})
            }
        }
    }
}

//! What a recorded answer says, as the reply that makes the provider say the same.

use serde_json::{Map, Value, json};

use crate::dialect;
use crate::index::Exchange;

/// One entry of a script: a reply, or an error in its place, or one within it.
pub(super) fn entry(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
        let error = &body["error"];
        let mut fault =
            json!({"action": "status", "status": exchange.status, "message": error["message"]});
        if error["code"].is_string() {
            fault["code"] = error["code"].clone();
        }
        return json!({"reply": {}, "fault": fault});
    }
    let response = response(exchange);
    let mut said = Said::default();
    for item in response["output"].as_array().into_iter().flatten() {
        said.take(item);
    }
    said.ended(&response);
    let mut entry = json!({"reply": said.reply});
    let error = dialect::events(&exchange.body)
        .into_iter()
        .find(|event| event["type"] == "error");
    if let Some(event) = error {
        let error = &event["error"];
        entry["fault"] = json!({
            "at": "before-finish", "action": "error-event", "status": 429, "code": error["code"],
            "message": error["message"],
        });
    }
    entry
}

/// The whole answer, which a stream's last event tells; nothing where there is none.
pub(super) fn response(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        return Value::Null;
    }
    match exchange.is_stream() {
        true => {
            let mut events = dialect::events(&exchange.body);
            events.pop().expect("has a last event")["response"].take()
        }
        false => serde_json::from_str(&exchange.body).expect("is JSON"),
    }
}

#[derive(Default)]
struct Said {
    reply: Map<String, Value>,
}

impl Said {
    fn take(&mut self, item: &Value) {
        let text = |list: &Value, name: &str| {
            let parts = list.as_array().into_iter().flatten();
            let texts = parts.filter_map(|part| part[name].as_str());
            texts.collect::<Vec<_>>().join("\n")
        };
        match item["type"].as_str() {
            // A thought that is not told is an empty one.
            Some("reasoning") => {
                let summary = text(&item["summary"], "text");
                self.reply.insert("reasoning".into(), json!(summary));
            }
            Some("message") => {
                self.says("text", text(&item["content"], "text"));
                self.says("refusal", text(&item["content"], "refusal"));
            }
            Some("function_call") => {
                let call = json!({"tool": item["name"], "raw_arguments": item["arguments"]});
                let calls = self.reply.entry("tool_calls").or_insert(json!([]));
                calls.as_array_mut().expect("is a list").push(call);
            }
            other => panic!("what is {other:?}?"),
        }
    }

    fn says(&mut self, name: &str, said: String) {
        if !said.is_empty() {
            self.reply.insert(name.into(), json!(said));
        }
    }

    fn ended(&mut self, response: &Value) {
        let finish = match response["incomplete_details"]["reason"].as_str() {
            Some("max_output_tokens") => Some("length"),
            Some("content_filter") => Some("content-filter"),
            _ => None,
        };
        if let Some(finish) = finish {
            self.reply.insert("finish".into(), json!(finish));
        }
        let usage = &response["usage"];
        if usage.is_object() {
            let told = json!({
                "input": usage["input_tokens"],
                "output": usage["output_tokens"],
                "cached": usage["input_tokens_details"]["cached_tokens"],
                "reasoning": usage["output_tokens_details"]["reasoning_tokens"],
            });
            self.reply.insert("usage".into(), told);
        }
    }
}

//! What a recorded answer says, as the entry that makes the provider say the same with the same accent.

use serde_json::{Map, Value, json};

use crate::dialect;
use crate::index::Exchange;

/// One scripted turn.
pub(super) fn entry(exchange: &Exchange, quirk: &str) -> Value {
    if !super::is_answer(exchange) {
        let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
        let messages = [
            &body["error"]["message"],
            &body["message"],
            &body["detail"][0]["msg"],
        ];
        let message = messages.into_iter().find(|message| message.is_string());
        return json!({
            "reply": {}, "quirk": quirk,
            "fault": {"action": "status", "status": exchange.status, "message": message},
        });
    }
    let mut said = Said::default();
    let objects = match exchange.is_stream() {
        true => dialect::events(&exchange.body),
        false => vec![serde_json::from_str(&exchange.body).expect("is JSON")],
    };
    for object in &objects {
        said.take(object);
    }
    said.entry(quirk)
}

#[derive(Default)]
struct Said {
    reply: Map<String, Value>,
    calls: Vec<(String, String)>,
    fault: Option<Value>,
}

impl Said {
    fn take(&mut self, object: &Value) {
        let choice = &object["choices"][0];
        let message = choice.get("delta").unwrap_or(&choice["message"]);
        self.say("text", &message["content"]);
        self.say("reasoning", &message["reasoning_content"]);
        self.say("reasoning", &message["reasoning"]);
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            if let Some(name) = function["name"].as_str() {
                self.calls.push((name.to_owned(), String::new()));
            }
            let (_, arguments) = self.calls.last_mut().expect("a call begins with its name");
            arguments.push_str(function["arguments"].as_str().unwrap_or_default());
        }
        if choice["finish_reason"] == "length" {
            self.reply.insert("finish".into(), json!("length"));
        }
        if object["usage"].is_object() {
            self.usage(&object["usage"]);
        }
        if object["error"].is_object() {
            let error = &object["error"];
            self.fault = Some(json!({
                "at": "before-end", "action": "error-event", "status": error["code"], "message": error["message"],
            }));
        }
    }

    fn usage(&mut self, usage: &Value) {
        let details = (
            &usage["prompt_tokens_details"],
            &usage["completion_tokens_details"],
        );
        let cached = details.0["cached_tokens"].as_u64().unwrap_or(0);
        let reasoning = details.1["reasoning_tokens"].as_u64().unwrap_or(0);
        let (input, output) = (&usage["prompt_tokens"], &usage["completion_tokens"]);
        let usage =
            json!({"input": input, "output": output, "cached": cached, "reasoning": reasoning});
        self.reply.insert("usage".into(), usage);
    }

    fn say(&mut self, what: &str, piece: &Value) {
        let Some(piece) = piece.as_str().filter(|piece| !piece.is_empty()) else {
            return;
        };
        let so_far = self.reply.entry(what).or_insert_with(|| json!(""));
        let text = format!("{}{piece}", so_far.as_str().unwrap_or_default());
        *so_far = json!(text);
    }

    fn entry(mut self, quirk: &str) -> Value {
        let call = |(tool, raw)| json!({"tool": tool, "raw_arguments": raw});
        let calls: Vec<Value> = self.calls.into_iter().map(call).collect();
        self.reply.insert("tool_calls".into(), json!(calls));
        let mut entry = Map::from_iter([("reply".to_owned(), Value::Object(self.reply))]);
        entry.insert("quirk".into(), json!(quirk));
        entry.extend(self.fault.map(|fault| ("fault".to_owned(), fault)));
        Value::Object(entry)
    }
}

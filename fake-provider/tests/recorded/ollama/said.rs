//! What a recorded answer says, as the entry that makes the provider say the same.

use serde_json::{Map, Value, json};

use crate::index::Exchange;

/// One scripted turn: a reply, or an error in its place or inside it.
pub(super) fn entry(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
        let message = match &body["error"] {
            Value::String(message) => json!(message),
            error => error["message"].clone(),
        };
        return json!({
            "reply": {}, "fault": {"action": "status", "status": exchange.status, "message": message},
        });
    }
    let mut said = Said::default();
    let objects = match exchange.is_stream() {
        true => super::frames(&exchange.body),
        false => vec![serde_json::from_str(&exchange.body).expect("is JSON")],
    };
    for object in &objects {
        said.take(object);
    }
    said.entry()
}

#[derive(Default)]
struct Said {
    reply: Map<String, Value>,
    calls: Vec<Value>,
    fault: Option<Value>,
}

impl Said {
    fn take(&mut self, object: &Value) {
        let choice = &object["choices"][0];
        let message = match choice {
            Value::Null => &object["message"],
            choice => choice.get("delta").unwrap_or(&choice["message"]),
        };
        self.say(
            "text",
            message["content"].as_str().or(object["response"].as_str()),
        );
        self.say(
            "reasoning",
            message["thinking"]
                .as_str()
                .or(message["reasoning"].as_str()),
        );
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            let raw = match &function["arguments"] {
                Value::String(text) => text.clone(),
                object => object.to_string(),
            };
            self.calls
                .push(json!({"tool": function["name"], "raw_arguments": raw}));
        }
        let finish = object["done_reason"]
            .as_str()
            .or(choice["finish_reason"].as_str());
        if finish == Some("length") {
            self.reply.insert("finish".into(), json!("length"));
        }
        let usage = &object["usage"];
        let tokens = [
            (&object["prompt_eval_count"], &object["eval_count"]),
            (&usage["prompt_tokens"], &usage["completion_tokens"]),
        ];
        if let Some((input, output)) = tokens.iter().find(|(input, _)| input.is_u64()) {
            self.reply
                .insert("usage".into(), json!({"input": input, "output": output}));
        }
        if object["error"].is_string() {
            self.fault = Some(json!({
                "at": "before-finish", "action": "error-event", "message": object["error"],
            }));
        }
    }

    fn say(&mut self, what: &str, piece: Option<&str>) {
        let Some(piece) = piece.filter(|piece| !piece.is_empty()) else {
            return;
        };
        let so_far = self.reply.entry(what).or_insert_with(|| json!(""));
        let text = format!("{}{piece}", so_far.as_str().unwrap_or_default());
        *so_far = json!(text);
    }

    fn entry(mut self) -> Value {
        self.reply.insert("tool_calls".into(), json!(self.calls));
        let mut entry = Map::from_iter([("reply".to_owned(), Value::Object(self.reply))]);
        entry.extend(self.fault.map(|fault| ("fault".to_owned(), fault)));
        Value::Object(entry)
    }
}

//! What a recorded answer says, as the reply that makes the provider say the same.

use serde_json::{Map, Value, json};

use crate::index::Exchange;

/// One scripted turn: a reply, or an error in its place.
pub(super) fn entry(exchange: &Exchange) -> Value {
    if exchange.status != 200 {
        return error(exchange);
    }
    let mut said = Said::default();
    if exchange.is_stream() {
        let data = exchange
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        for data in data.filter(|data| *data != "[DONE]") {
            let chunk: Value = serde_json::from_str(data).expect("is JSON");
            said.take(&chunk["choices"][0]["delta"]);
            said.usage(&chunk["usage"]);
        }
    } else {
        let document: Value = serde_json::from_str(&exchange.body).expect("is JSON");
        said.take(&document["choices"][0]["message"]);
        said.usage(&document["usage"]);
    }
    said.turn()
}

fn error(exchange: &Exchange) -> Value {
    let body: Value = serde_json::from_str(&exchange.body).expect("is JSON");
    let error = &body["error"];
    json!({
        "reply": {},
        "fault": {
            "action": "status", "status": exchange.status, "code": error["code"], "message": error["message"],
        },
    })
}

#[derive(Default)]
struct Said {
    text: Option<String>,
    calls: Vec<(String, String)>,
    usage: Option<Value>,
}

impl Said {
    fn take(&mut self, message: &Value) {
        if let Some(text) = message["content"].as_str() {
            self.text.get_or_insert_default().push_str(text);
        }
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        for call in calls {
            let function = &call["function"];
            if let Some(name) = function["name"].as_str() {
                self.calls.push((name.to_owned(), String::new()));
            }
            let (_, arguments) = self.calls.last_mut().expect("a call begins with its name");
            arguments.push_str(function["arguments"].as_str().unwrap_or_default());
        }
    }

    fn usage(&mut self, usage: &Value) {
        if usage.is_object() {
            let (input, output) = (&usage["prompt_tokens"], &usage["completion_tokens"]);
            self.usage = Some(json!({"input": input, "output": output}));
        }
    }

    fn turn(self) -> Value {
        let call = |(tool, raw)| json!({"tool": tool, "raw_arguments": raw});
        let calls: Vec<Value> = self.calls.into_iter().map(call).collect();
        let mut reply = Map::from_iter([("tool_calls".to_owned(), json!(calls))]);
        reply.extend(self.text.map(|text| ("text".to_owned(), json!(text))));
        reply.extend(self.usage.map(|usage| ("usage".to_owned(), usage)));
        json!({"reply": reply})
    }
}

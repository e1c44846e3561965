//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, Usage};
use serde_json::Value;

use crate::protocol::Intended;
use crate::said_call::{SaidCall, begun};
use crate::sent::Sent;
use crate::unfinished;

/// How the data of those events begins that tell something for the first time.
const TELLING: [&[u8]; 6] = [
    b"{\"type\":\"response.output_text.delta\"",
    b"{\"type\":\"response.refusal.delta\"",
    b"{\"type\":\"response.output_item.added\"",
    b"{\"type\":\"response.function_call_arguments.delta\"",
    b"{\"type\":\"response.completed\"",
    b"{\"type\":\"response.incomplete\"",
];

/// Reads what left, cut anywhere.
pub(super) fn said(sent: &Sent, intended: &[Intended]) -> Said {
    let mut reading = Reading::default();
    if sent.is("text/event-stream") {
        for (event, whole) in sent.frames(b"\n\n") {
            reading.event(event, whole);
        }
    } else {
        reading.document(sent.body());
    }
    reading.said(intended)
}

#[derive(Debug, Default)]
struct Reading {
    said: Said,
    /// With the id of the item that each is.
    calls: Vec<(String, SaidCall)>,
}

impl Reading {
    fn event(&mut self, event: &[u8], whole: bool) {
        let mut lines = event.split(|byte| *byte == b'\n');
        let Some(data) = lines.find_map(|line| line.strip_prefix(b"data: ")) else {
            return;
        };
        // The other events repeat what these say, and are long.
        if !TELLING.iter().any(|kind| data.starts_with(kind)) {
            return;
        }
        let Some(event) = unfinished::read(data) else {
            return;
        };
        let delta = event["delta"].as_str().unwrap_or_default();
        match event["type"].as_str() {
            Some("response.output_text.delta" | "response.refusal.delta") => {
                self.said.text.push_str(delta);
            }
            Some("response.output_item.added") => self.item(&event["item"], whole),
            Some("response.function_call_arguments.delta") => self.arguments(&event, delta, whole),
            Some("response.completed" | "response.incomplete") if whole => {
                self.ending(&event["response"]);
            }
            _ => {}
        }
    }

    /// More arguments, of the call that is named, or of the last one if the cut came before the name.
    fn arguments(&mut self, event: &Value, delta: &str, whole: bool) {
        let named = event["item_id"].as_str().filter(|_| whole);
        let call = match named {
            Some(item) => self.calls.iter_mut().find(|(known, _)| known == item),
            None => self.calls.last_mut(),
        };
        if let Some((_, call)) = call {
            call.argue(delta, whole);
        }
    }

    fn document(&mut self, body: &[u8]) {
        let whole = serde_json::from_slice::<Value>(body).is_ok();
        let Some(document) = unfinished::read(body) else {
            return;
        };
        for item in document["output"].as_array().into_iter().flatten() {
            self.item(item, whole);
            let content = item["content"].as_array().into_iter().flatten();
            for part in content.filter(|_| item["type"] == "message") {
                let text = part["text"].as_str().or(part["refusal"].as_str());
                self.said.text.push_str(text.unwrap_or_default());
            }
        }
        if whole {
            self.ending(&document);
        }
    }

    /// A call that is told of: in a stream before its arguments, in a document with them.
    fn item(&mut self, item: &Value, whole: bool) {
        if item["type"] != "function_call" {
            return;
        }
        let word = |name: &str| item[name].as_str().unwrap_or_default();
        let mut call = SaidCall::begun(word("call_id"), word("name"));
        call.argue(word("arguments"), whole);
        self.calls.push((word("id").to_owned(), call));
    }

    /// The whole answer, which is told once more when it is over.
    fn ending(&mut self, response: &Value) {
        let output = response["output"].as_array().into_iter().flatten();
        let calls = output
            .filter(|item| item["type"] == "function_call")
            .count();
        let reason = response["incomplete_details"]["reason"].as_str();
        let finish = match (response["status"].as_str(), reason) {
            (Some("completed"), _) if calls > 0 => "tool-calls",
            (Some("completed"), _) => "stop",
            (Some("incomplete"), Some("max_output_tokens")) => "length",
            (Some("incomplete"), Some(_)) => "content-filter",
            _ => return,
        };
        self.said.finish = Some(finish.to_owned());
        self.said.end_marker = true;
        let tokens = |name: &str| response["usage"][name].as_u64();
        if let (Some(input), Some(output)) = (tokens("input_tokens"), tokens("output_tokens")) {
            self.said.usage = Some(Usage { input, output });
        }
    }

    fn said(self, intended: &[Intended]) -> Said {
        Said {
            tool_calls: begun(self.calls.iter().map(|(_, call)| call), intended),
            ..self.said
        }
    }
}

#[cfg(test)]
mod tests;

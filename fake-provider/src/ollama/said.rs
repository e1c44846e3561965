//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, Usage};
use serde_json::Value;

use super::arguments;
use crate::protocol::Intended;
use crate::said_call::{SaidCall, begun};
use crate::sent::Sent;
use crate::unfinished;

/// Reads what left, cut anywhere.
pub(super) fn said(sent: &Sent, intended: &[Intended]) -> Said {
    let mut reading = Reading::default();
    if sent.is("application/x-ndjson") {
        for (line, whole) in sent.frames(b"\n") {
            reading.object(line, whole);
        }
    } else if sent.is("text/event-stream") {
        for (event, whole) in sent.frames(b"\n\n") {
            reading.event(event, whole);
        }
    } else if sent.is("application/json") {
        let whole = serde_json::from_slice::<Value>(sent.body()).is_ok();
        reading.object(sent.body(), whole);
        // A document's end is its marker.
        reading.said.end_marker = whole && reading.said.finish.is_some();
    }
    reading.said(intended)
}

#[derive(Debug, Default)]
struct Reading {
    said: Said,
    calls: Vec<SaidCall>,
}

impl Reading {
    fn event(&mut self, event: &[u8], whole: bool) {
        match event.strip_prefix(b"data: ") {
            Some(b"[DONE]") => self.said.end_marker = whole,
            Some(data) => self.object(data, whole),
            None => {}
        }
    }

    /// A line, the data of an event, or a document. What is not whole may end anywhere.
    fn object(&mut self, json: &[u8], whole: bool) {
        let Some(object) = unfinished::read(json) else {
            return;
        };
        let choice = &object["choices"][0];
        let (message, compatible) = match choice {
            Value::Null => (&object["message"], false),
            choice if choice["delta"].is_object() => (&choice["delta"], true),
            choice => (&choice["message"], true),
        };
        let text = message["content"].as_str().or(object["response"].as_str());
        self.said.text.push_str(text.unwrap_or_default());
        self.calls(&message["tool_calls"], json);
        match compatible {
            _ if !whole => {}
            true => self.ended(&choice["finish_reason"], false),
            false if object["done"] == true => {
                self.ended(&object["done_reason"], true);
                self.said.end_marker = true;
            }
            false => {}
        }
        if whole {
            self.usage(&object);
        }
    }

    fn calls<'a>(&mut self, calls: &'a Value, json: &[u8]) {
        let calls = calls.as_array().into_iter().flatten();
        let mut raw = arguments::raw(json).into_iter();
        for call in calls {
            let word = |value: &'a Value| value.as_str().unwrap_or_default();
            let mut said = SaidCall::begun(word(&call["id"]), word(&call["function"]["name"]));
            let (arguments, whole) = raw.next().map(read).unwrap_or_default();
            said.argue(&arguments, whole);
            self.calls.push(said);
        }
    }

    fn ended(&mut self, reason: &Value, own: bool) {
        let Some(reason) = reason.as_str() else {
            return;
        };
        // Ollama's own API says no more than that it stopped.
        self.said.finish = Some(match reason {
            "stop" if own && !self.calls.is_empty() => "tool-calls".to_owned(),
            other => other.replace('_', "-"),
        });
    }

    fn usage(&mut self, object: &Value) {
        let compatible = &object["usage"];
        let tokens = |own: &str, other: &str| match compatible {
            Value::Null => object[own].as_u64(),
            usage => usage[other].as_u64(),
        };
        let input = tokens("prompt_eval_count", "prompt_tokens");
        let output = tokens("eval_count", "completion_tokens");
        if input.is_some() || output.is_some() {
            // What is zero is left out.
            self.said.usage = Some(Usage {
                input: input.unwrap_or(0),
                output: output.unwrap_or(0),
            });
        }
    }

    fn said(self, intended: &[Intended]) -> Said {
        Said {
            tool_calls: begun(self.calls.iter(), intended),
            ..self.said
        }
    }
}

/// Arguments as far as they left, and whether they ended: the object itself, or the text that a string holds.
fn read(raw: &[u8]) -> (String, bool) {
    let whole = serde_json::from_slice::<Value>(raw);
    match whole {
        Ok(Value::String(text)) => (text, true),
        Ok(_) => (String::from_utf8_lossy(raw).into_owned(), true),
        Err(_) if raw.starts_with(b"\"") => match unfinished::read(raw) {
            Some(Value::String(text)) => (text, false),
            _ => (String::new(), false),
        },
        Err(_) => {
            let end = raw
                .utf8_chunks()
                .next()
                .map_or(0, |chunk| chunk.valid().len());
            (String::from_utf8_lossy(&raw[..end]).into_owned(), false)
        }
    }
}

#[cfg(test)]
mod tests;

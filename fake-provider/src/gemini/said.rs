//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.
//!
//! Text counts once its part is closed: only what follows it tells whether it was a thought.

mod scan;

use journal::{Said, SaidToolCall, Usage};
use serde_json::Value;

use self::scan::Call;
use crate::protocol::Intended;
use crate::sent::Sent;
use crate::unfinished;

/// Reads what left, cut anywhere.
pub(super) fn said(sent: &Sent, intended: &[Intended]) -> Said {
    let mut reading = Reading::default();
    if sent.is("text/event-stream") {
        for (event, whole) in sent.frames(b"\r\n\r\n") {
            reading.event(event, whole);
        }
    } else {
        for (response, whole) in scan::responses(sent.body()) {
            reading.response(response, whole);
        }
    }
    reading.said(intended)
}

#[derive(Debug, Default)]
struct Reading {
    said: Said,
    calls: Vec<Call>,
}

impl Reading {
    fn event(&mut self, event: &[u8], whole: bool) {
        if let Some(data) = event.strip_prefix(b"data: ") {
            self.response(data, whole);
        }
    }

    /// A response, or a chunk of one.
    fn response(&mut self, text: &[u8], whole: bool) {
        let Some(response) = unfinished::read(text) else {
            return;
        };
        let candidate = &response["candidates"][0];
        let parts = candidate["content"]["parts"].as_array();
        let closed = match whole {
            true => usize::MAX,
            false => scan::closed_parts(text),
        };
        for part in parts.into_iter().flatten().take(closed) {
            if part["thought"] != true {
                self.said
                    .text
                    .push_str(part["text"].as_str().unwrap_or_default());
            }
        }
        let calls = scan::calls(text);
        self.calls.extend(calls.into_iter().map(|call| Call {
            whole: call.whole && whole,
            ..call
        }));
        if whole {
            self.ending(candidate, &response);
        }
    }

    fn ending(&mut self, candidate: &Value, response: &Value) {
        let blocked = response["promptFeedback"]["blockReason"].as_str();
        if let Some(reason) = candidate["finishReason"].as_str() {
            self.said.finish = Some(self.neutral(reason));
        } else if blocked.is_some() {
            self.said.finish = Some("content-filter".to_owned());
        }
        // Nothing marks the end but the reason for it.
        self.said.end_marker = self.said.finish.is_some();
        let usage = &response["usageMetadata"];
        let tokens = |name: &str| usage[name].as_u64();
        if let Some(input) = tokens("promptTokenCount") {
            let visible = tokens("candidatesTokenCount").unwrap_or(0);
            let thoughts = tokens("thoughtsTokenCount").unwrap_or(0);
            // Bytes that a script sends raw may say anything.
            let output = visible.saturating_add(thoughts);
            self.said.usage = Some(Usage { input, output });
        }
    }

    /// A reason in neutral words; one that has none keeps its own, in kebab case.
    fn neutral(&self, reason: &str) -> String {
        match reason {
            "STOP" if self.calls.is_empty() => "stop".to_owned(),
            "STOP" => "tool-calls".to_owned(),
            "MAX_TOKENS" => "length".to_owned(),
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => {
                "content-filter".to_owned()
            }
            other => other.to_ascii_lowercase().replace('_', "-"),
        }
    }

    /// A call whose name has not left whole was not begun. The id comes last, so its place tells which one it is.
    fn said(self, intended: &[Intended]) -> Said {
        let calls = self.calls.iter().zip(intended).zip(0..);
        let begun = calls.filter_map(|((call, meant), index)| {
            let tool = call.tool.clone()?;
            let same = tool == meant.tool && is_same(&call.arguments, &meant.arguments);
            Some(SaidToolCall {
                id: meant.id.clone(),
                index,
                whole: call.whole && same && call.id.as_ref() == Some(&meant.id),
                tool,
                arguments: call.arguments.clone(),
            })
        });
        Said {
            tool_calls: begun.collect(),
            ..self.said
        }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

#[cfg(test)]
mod tests;

//! Reads `ChatResponse`, whole or line by line. `done` is the end and its marker at once.
//!
//! Source: ollama, api/types.go, `ChatResponse`.

use serde_json::Value;

use crate::provider::fields::{list, number, text};
use crate::provider::items::StreamEvent;
use crate::provider::own_id::OwnIds;
use crate::provider::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::provider::protocol::AnswerReader;
use crate::provider::question::Question;

/// The reader. Counts the calls, which come whole and often without an id.
pub(super) struct OllamaReader {
    ids: OwnIds,
    calls: u64,
}

impl OllamaReader {
    /// A reader of the answer to `question`.
    pub(super) fn after(question: &Question) -> Self {
        Self {
            ids: OwnIds::after(question),
            calls: 0,
        }
    }
}

impl AnswerReader for OllamaReader {
    fn event(&mut self, _: &StreamEvent, value: &Value) -> Vec<Piece> {
        let message = value.get("message").unwrap_or(&Value::Null);
        let mut pieces = vec![
            Piece::Reasoning(text(message, "thinking")),
            Piece::Text(text(message, "content")),
        ];
        let calls = list(message, "tool_calls")
            .iter()
            .map(|call| self.call(call));
        pieces.extend(calls);
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            pieces.extend(usage(value).map(Piece::Usage));
            let reason = text(value, "done_reason");
            pieces.push(Piece::Finish(finish(&reason), reason));
            pieces.push(Piece::Marker);
        }
        pieces
    }

    fn document(&mut self, value: &Value) -> Option<Vec<Piece>> {
        value.get("message")?.as_object()?;
        Some(self.event(&StreamEvent::default(), value))
    }
}

impl OllamaReader {
    fn call(&mut self, call: &Value) -> Piece {
        let function = call.get("function").unwrap_or(&Value::Null);
        let arguments = match function.get("arguments") {
            // Servers that only look like Ollama send text, as others do.
            Some(Value::String(text)) => text.clone(),
            Some(arguments) => arguments.to_string(),
            None => "{}".to_owned(),
        };
        self.calls += 1;
        Piece::Call(CallPiece {
            key: Some(self.calls),
            id: self.ids.of(text(call, "id")),
            name: text(function, "name"),
            arguments: Arguments::Whole(arguments),
        })
    }
}

/// Old servers give no reason at all.
fn finish(reason: &str) -> Finish {
    match reason {
        "length" => Finish::Length,
        "content_filter" | "safety" => Finish::ContentFilter,
        "error" => Finish::Error,
        _ => Finish::Complete,
    }
}

fn usage(value: &Value) -> Option<UsageReport> {
    let report = UsageReport {
        input: number(value, "prompt_eval_count"),
        output: number(value, "eval_count"),
        total: None,
    };
    report.if_any()
}

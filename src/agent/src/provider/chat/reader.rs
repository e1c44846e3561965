//! Reads `chat.completion` and `chat.completion.chunk`. Keeps no state: fragments name the call that they belong to.
//!
//! Only the first choice is an answer; we never ask for more.

use serde_json::Value;

use crate::provider::fields::{list, number, text};
use crate::provider::items::StreamEvent;
use crate::provider::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::provider::protocol::AnswerReader;

/// The reader.
pub(super) struct ChatReader;

impl AnswerReader for ChatReader {
    fn event(&mut self, _: &StreamEvent, value: &Value) -> Vec<Piece> {
        pieces(value, "delta")
    }

    fn document(&mut self, value: &Value) -> Option<Vec<Piece>> {
        value.get("choices")?;
        Some(pieces(value, "message"))
    }
}

/// The pieces of a chunk, or of a whole completion.
pub(crate) fn pieces(value: &Value, part: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    pieces.extend(value.get("usage").and_then(usage).map(Piece::Usage));
    let choice = list(value, "choices").first();
    let Some(choice) = choice.filter(|choice| number(choice, "index").unwrap_or(0) == 0) else {
        return pieces;
    };
    if let Some(said) = choice.get(part) {
        pieces.push(Piece::Text(text(said, "content")));
        let reasoning = [text(said, "reasoning_content"), text(said, "reasoning")];
        pieces.extend(
            reasoning
                .into_iter()
                .find(|text| !text.is_empty())
                .map(Piece::Reasoning),
        );
        pieces.push(Piece::Refusal(text(said, "refusal")));
        let whole = part == "message";
        for (position, fragment) in list(said, "tool_calls").iter().enumerate() {
            pieces.push(Piece::Call(call(
                fragment,
                whole.then_some(position as u64),
            )));
        }
    }
    let reason = text(choice, "finish_reason");
    pieces.extend(finish(&reason).map(|finish| Piece::Finish(finish, reason)));
    pieces
}

/// A fragment without an index is joined by its id or by its order; calls of a whole answer have their position.
fn call(fragment: &Value, position: Option<u64>) -> CallPiece {
    let function = fragment.get("function").unwrap_or(&Value::Null);
    CallPiece {
        key: number(fragment, "index").or(position),
        id: text(fragment, "id"),
        name: text(function, "name"),
        arguments: Arguments::Part(text(function, "arguments")),
    }
}

/// An empty reason is none: some gateways send it with every chunk.
fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "" => None,
        "length" | "max_tokens" => Some(Finish::Length),
        "content_filter" | "safety" | "SAFETY" => Some(Finish::ContentFilter),
        "error" => Some(Finish::Error),
        _ => Some(Finish::Complete),
    }
}

fn usage(usage: &Value) -> Option<UsageReport> {
    let report = UsageReport {
        input: number(usage, "prompt_tokens"),
        output: number(usage, "completion_tokens"),
        total: number(usage, "total_tokens"),
    };
    report.if_any()
}

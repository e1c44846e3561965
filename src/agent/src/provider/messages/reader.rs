//! Reads a `message` and the events that build one, by the type in their data: relays lose the `event:` line.
//!
//! Source: Anthropic's documentation, "Streaming messages".

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::provider::fields::{list, number, text};
use crate::provider::items::StreamEvent;
use crate::provider::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::provider::protocol::AnswerReader;

/// The reader. Remembers the blocks that are open.
#[derive(Default)]
pub(super) struct MessagesReader {
    open: BTreeMap<Option<u64>, Open>,
}

/// A block that has begun and not ended.
enum Open {
    /// A call that was told its arguments, in so far as its start has them, and whether more came.
    Call { input: Value, told: bool },
    /// Thinking, which is shown again with its signature.
    Thinking { thinking: String, signature: String },
    /// Thinking that only the provider can read.
    Redacted(Value),
}

impl AnswerReader for MessagesReader {
    fn event(&mut self, event: &StreamEvent, value: &Value) -> Vec<Piece> {
        let named = text(value, "type");
        let kind = if named.is_empty() {
            event.event.as_str()
        } else {
            named.as_str()
        };
        let mut pieces: Vec<Piece> = milestone(kind, value).into_iter().collect();
        pieces.extend(self.brought(kind, value));
        pieces
    }

    fn document(&mut self, value: &Value) -> Option<Vec<Piece>> {
        value.get("content")?.as_array()?;
        let mut pieces = usage(value);
        for (position, block) in list(value, "content").iter().enumerate() {
            pieces.extend(whole(block, position as u64));
        }
        pieces.extend(finish(value));
        Some(pieces)
    }
}

impl MessagesReader {
    /// What an event of this kind brings.
    fn brought(&mut self, kind: &str, value: &Value) -> Vec<Piece> {
        match kind {
            "message_start" => usage(value.get("message").unwrap_or(&Value::Null)),
            "content_block_start" => self.start(value),
            "content_block_delta" => self.delta(value),
            "content_block_stop" => self.stop(number(value, "index")),
            "message_delta" => {
                let mut pieces = usage(value);
                pieces.extend(finish(value.get("delta").unwrap_or(&Value::Null)));
                pieces
            }
            "message_stop" => vec![Piece::Marker],
            _ => Vec::new(),
        }
    }

    fn start(&mut self, value: &Value) -> Vec<Piece> {
        let key = number(value, "index");
        let block = value.get("content_block").unwrap_or(&Value::Null);
        match text(block, "type").as_str() {
            "tool_use" => {
                let input = block.get("input").cloned().unwrap_or_else(|| json!({}));
                self.open.insert(key, Open::Call { input, told: false });
                vec![call(block, key, Arguments::default())]
            }
            "thinking" => {
                let (thinking, signature) = (text(block, "thinking"), text(block, "signature"));
                self.open.insert(
                    key,
                    Open::Thinking {
                        thinking: thinking.clone(),
                        signature,
                    },
                );
                vec![Piece::Reasoning(thinking)]
            }
            "redacted_thinking" => {
                self.open.insert(key, Open::Redacted(block.clone()));
                Vec::new()
            }
            _ => vec![Piece::Text(text(block, "text"))],
        }
    }

    fn delta(&mut self, value: &Value) -> Vec<Piece> {
        let key = number(value, "index");
        let delta = value.get("delta").unwrap_or(&Value::Null);
        match (text(delta, "type").as_str(), self.open.get_mut(&key)) {
            ("text_delta", _) => vec![Piece::Text(text(delta, "text"))],
            ("input_json_delta", open) => {
                let part = text(delta, "partial_json");
                if let Some(Open::Call { told, .. }) = open {
                    *told |= !part.is_empty();
                }
                vec![Piece::Call(CallPiece {
                    key,
                    arguments: Arguments::Part(part),
                    ..CallPiece::default()
                })]
            }
            ("thinking_delta", Some(Open::Thinking { thinking, .. })) => {
                let more = text(delta, "thinking");
                thinking.push_str(&more);
                vec![Piece::Reasoning(more)]
            }
            ("signature_delta", Some(Open::Thinking { signature, .. })) => {
                signature.push_str(&text(delta, "signature"));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A call without any arguments in its deltas has those of its start, which are usually none.
    fn stop(&mut self, key: Option<u64>) -> Vec<Piece> {
        match self.open.remove(&key) {
            Some(Open::Call { input, told: false }) => vec![Piece::Call(CallPiece {
                key,
                arguments: Arguments::Whole(input.to_string()),
                ..CallPiece::default()
            })],
            Some(Open::Thinking {
                thinking,
                signature,
            }) if !signature.is_empty() => {
                let block =
                    json!({ "type": "thinking", "thinking": thinking, "signature": signature });
                vec![Piece::Keepsake(block)]
            }
            Some(Open::Redacted(block)) => vec![Piece::Keepsake(block)],
            Some(Open::Call { .. } | Open::Thinking { .. }) | None => Vec::new(),
        }
    }
}

/// Where the answer has got to with an event that begins or ends a part of it. A ping is no part.
fn milestone(kind: &str, value: &Value) -> Option<Piece> {
    let parts = ["message_start", "content_block_start", "content_block_stop"];
    let reached = parts.contains(&kind);
    reached.then(|| Piece::Milestone(format!("{kind} {:?}", number(value, "index"))))
}

fn call(block: &Value, key: Option<u64>, arguments: Arguments) -> Piece {
    Piece::Call(CallPiece {
        key,
        id: text(block, "id"),
        name: text(block, "name"),
        arguments,
    })
}

fn whole(block: &Value, position: u64) -> Vec<Piece> {
    match text(block, "type").as_str() {
        "text" => vec![Piece::Text(text(block, "text"))],
        "tool_use" => {
            // Input that the model wrote and that is no JSON comes as a string.
            let input = match block.get("input") {
                Some(Value::String(text)) => text.clone(),
                Some(input) => input.to_string(),
                None => "{}".to_owned(),
            };
            vec![call(block, Some(position), Arguments::Whole(input))]
        }
        "thinking" => {
            let shown = Piece::Reasoning(text(block, "thinking"));
            let signed = !text(block, "signature").is_empty();
            std::iter::once(shown)
                .chain(signed.then(|| Piece::Keepsake(block.clone())))
                .collect()
        }
        "redacted_thinking" => vec![Piece::Keepsake(block.clone())],
        _ => Vec::new(),
    }
}

/// Why an answer ended, and what the provider says about a refusal.
fn finish(value: &Value) -> Vec<Piece> {
    let reason = text(value, "stop_reason");
    let finish = match reason.as_str() {
        "" => return Vec::new(),
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::ContentFilter,
        _ => Finish::Complete,
    };
    let details = value.get("stop_details").unwrap_or(&Value::Null);
    let explanation = Piece::Refusal(text(details, "explanation"));
    vec![explanation, Piece::Finish(finish, reason)]
}

/// Tokens that came from a cache, or went into it, are told beside `input_tokens`; they were read all the same.
fn usage(value: &Value) -> Vec<Piece> {
    let Some(usage) = value.get("usage") else {
        return Vec::new();
    };
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
    let cached: u64 = cached
        .iter()
        .filter_map(|key| number(usage, key))
        .fold(0, u64::saturating_add);
    let report = UsageReport {
        input: number(usage, "input_tokens").map(|input| input.saturating_add(cached)),
        output: number(usage, "output_tokens"),
        total: None,
    };
    report.if_any().map(Piece::Usage).into_iter().collect()
}

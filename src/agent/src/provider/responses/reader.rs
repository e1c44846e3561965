//! Reads a `response` object and the events that build one.
//!
//! Source: openai-openapi, `ResponseStreamEvent`. What production adds to it is read too: the `error` event with its error
//! nested, codes beyond the enumeration, and `keepalive`, which says nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::provider::error_body::{self, ErrorBody};
use crate::provider::fields::{list, number, text};
use crate::provider::items::StreamEvent;
use crate::provider::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::provider::protocol::AnswerReader;

/// The reader. Remembers which parts came in deltas: their `done` event repeats them.
#[derive(Default)]
pub(super) struct ResponsesReader {
    told: BTreeSet<(Option<u64>, Option<u64>)>,
    /// Reasoning may come as a summary and as it was; only the form that came first is shown.
    reasoning: Option<String>,
}

impl AnswerReader for ResponsesReader {
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
        value.get("output")?.as_array()?;
        let items = list(value, "output").iter().enumerate();
        let mut pieces: Vec<Piece> = items
            .flat_map(|(position, item)| whole_item(item, position as u64))
            .collect();
        pieces.extend(ended(value, &text(value, "status")));
        pieces.retain(|piece| *piece != Piece::Marker);
        Some(pieces)
    }
}

impl ResponsesReader {
    /// What an event of this kind brings.
    fn brought(&mut self, kind: &str, value: &Value) -> Vec<Piece> {
        match kind {
            "response.output_text.delta" => {
                self.delta(value).map(Piece::Text).into_iter().collect()
            }
            "response.refusal.delta" => self.delta(value).map(Piece::Refusal).into_iter().collect(),
            "response.output_text.done" => self
                .rest(value, "text")
                .map(Piece::Text)
                .into_iter()
                .collect(),
            "response.refusal.done" => self
                .rest(value, "refusal")
                .map(Piece::Refusal)
                .into_iter()
                .collect(),
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
                let form = self.reasoning.get_or_insert_with(|| kind.to_owned());
                let shown = form == kind;
                shown
                    .then(|| Piece::Reasoning(text(value, "delta")))
                    .into_iter()
                    .collect()
            }
            "response.function_call_arguments.delta" => {
                vec![arguments(value, Arguments::Part(text(value, "delta")))]
            }
            "response.function_call_arguments.done" => {
                vec![arguments(value, Arguments::Whole(text(value, "arguments")))]
            }
            "response.output_item.added" => item_added(value),
            "response.output_item.done" => item_done(value),
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => {
                let response = value.get("response").unwrap_or(&Value::Null);
                ended(response, kind.trim_start_matches("response."))
            }
            _ => Vec::new(),
        }
    }

    fn delta(&mut self, value: &Value) -> Option<String> {
        self.told.insert(place(value));
        Some(text(value, "delta")).filter(|text| !text.is_empty())
    }

    /// What a part says at its end, if none of it came before: some gateways send no deltas.
    fn rest(&mut self, value: &Value, key: &str) -> Option<String> {
        self.told.insert(place(value)).then(|| text(value, key))
    }
}

/// Where the answer has got to with an event that is no delta. A keep-alive is nothing of the response.
fn milestone(kind: &str, value: &Value) -> Option<Piece> {
    let place = ["output_index", "content_index", "summary_index"];
    let place = place.map(|key| number(value, key));
    let reached = kind.starts_with("response.") && !kind.ends_with(".delta");
    reached.then(|| Piece::Milestone(format!("{kind} {place:?}")))
}

fn place(value: &Value) -> (Option<u64>, Option<u64>) {
    (
        number(value, "output_index"),
        number(value, "content_index"),
    )
}

fn arguments(value: &Value, arguments: Arguments) -> Piece {
    Piece::Call(CallPiece {
        key: number(value, "output_index"),
        arguments,
        ..CallPiece::default()
    })
}

fn item_added(value: &Value) -> Vec<Piece> {
    let item = value.get("item").unwrap_or(&Value::Null);
    let key = number(value, "output_index");
    call(item, key, Arguments::default()).into_iter().collect()
}

fn item_done(value: &Value) -> Vec<Piece> {
    let item = value.get("item").unwrap_or(&Value::Null);
    let key = number(value, "output_index");
    let call = call(item, key, Arguments::Whole(text(item, "arguments")));
    call.into_iter().chain(keepsake(item)).collect()
}

fn call(item: &Value, key: Option<u64>, arguments: Arguments) -> Option<Piece> {
    (text(item, "type") == "function_call").then(|| {
        Piece::Call(CallPiece {
            key,
            id: text(item, "call_id"),
            name: text(item, "name"),
            arguments,
        })
    })
}

/// A reasoning item that can be shown again to a provider that stored nothing.
fn keepsake(item: &Value) -> Option<Piece> {
    let encrypted = item.get("encrypted_content").is_some_and(Value::is_string);
    (encrypted && text(item, "type") == "reasoning").then(|| Piece::Keepsake(item.clone()))
}

fn whole_item(item: &Value, position: u64) -> Vec<Piece> {
    match text(item, "type").as_str() {
        "message" => {
            let parts = list(item, "content").iter();
            let said = parts.map(|part| match text(part, "type").as_str() {
                "refusal" => Piece::Refusal(text(part, "refusal")),
                _ => Piece::Text(text(part, "text")),
            });
            said.collect()
        }
        "reasoning" => {
            let key = if list(item, "summary").is_empty() {
                "content"
            } else {
                "summary"
            };
            let shown = list(item, key)
                .iter()
                .map(|part| Piece::Reasoning(text(part, "text")));
            shown.chain(keepsake(item)).collect()
        }
        _ => {
            let arguments = Arguments::Whole(text(item, "arguments"));
            call(item, Some(position), arguments).into_iter().collect()
        }
    }
}

/// What the end of a response brings. Its output repeats the calls: each must be what was streamed.
fn ended(response: &Value, status: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = usage(response).map(Piece::Usage).into_iter().collect();
    match status {
        "completed" => {
            let items = list(response, "output").iter().enumerate();
            pieces.extend(items.filter_map(|(position, item)| {
                call(
                    item,
                    Some(position as u64),
                    Arguments::Whole(text(item, "arguments")),
                )
            }));
            pieces.push(Piece::Finish(Finish::Complete, status.to_owned()));
        }
        "incomplete" => {
            let details = response.get("incomplete_details").unwrap_or(&Value::Null);
            let reason = text(details, "reason");
            let finish = match reason.as_str() {
                "max_output_tokens" => Finish::Length,
                "content_filter" => Finish::ContentFilter,
                _ => Finish::Error,
            };
            pieces.push(Piece::Finish(finish, reason));
        }
        "failed" | "cancelled" => pieces.push(Piece::Error(cause(response, status))),
        _ => return pieces,
    }
    pieces.push(Piece::Marker);
    pieces
}

fn cause(response: &Value, status: &str) -> ErrorBody {
    error_body::in_band(response).unwrap_or_else(|| ErrorBody {
        message: format!("the response ended as {status}"),
        ..ErrorBody::default()
    })
}

fn usage(response: &Value) -> Option<UsageReport> {
    let usage = response.get("usage")?;
    let report = UsageReport {
        input: number(usage, "input_tokens"),
        output: number(usage, "output_tokens"),
        total: number(usage, "total_tokens"),
    };
    report.if_any()
}

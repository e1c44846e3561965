//! Reads `GenerateContentResponse`, whole or in pieces: every event of a stream is one. There is no end marker.

use serde_json::{Value, json};

use crate::provider::fields::{list, number, text};
use crate::provider::items::StreamEvent;
use crate::provider::own_id::OwnIds;
use crate::provider::piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
use crate::provider::protocol::AnswerReader;
use crate::provider::question::Question;

/// The reader. Counts the calls, which come whole and often without an id.
pub(super) struct GeminiReader {
    ids: OwnIds,
    calls: u64,
}

impl GeminiReader {
    /// A reader of the answer to `question`.
    pub(super) fn after(question: &Question) -> Self {
        Self {
            ids: OwnIds::after(question),
            calls: 0,
        }
    }
}

impl AnswerReader for GeminiReader {
    fn event(&mut self, _: &StreamEvent, value: &Value) -> Vec<Piece> {
        match value {
            // Vertex puts what it says into a list now and then.
            Value::Array(parts) => parts
                .iter()
                .flat_map(|part| self.part_of_answer(part))
                .collect(),
            value => self.part_of_answer(value),
        }
    }

    fn document(&mut self, value: &Value) -> Option<Vec<Piece>> {
        let first = value
            .as_array()
            .map_or(Some(value), |parts| parts.first())?;
        let known = ["candidates", "promptFeedback", "usageMetadata"];
        known.iter().find_map(|key| first.get(key))?;
        Some(self.event(&StreamEvent::default(), value))
    }
}

impl GeminiReader {
    fn part_of_answer(&mut self, value: &Value) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = usage(value).map(Piece::Usage).into_iter().collect();
        let feedback = value.get("promptFeedback").unwrap_or(&Value::Null);
        let blocked = text(feedback, "blockReason");
        if !blocked.is_empty() {
            pieces.push(Piece::Refusal(text(feedback, "blockReasonMessage")));
            pieces.push(Piece::Finish(Finish::ContentFilter, blocked));
        }
        let candidate = list(value, "candidates").first();
        let Some(candidate) = candidate.filter(|one| number(one, "index").unwrap_or(0) == 0) else {
            return pieces;
        };
        let content = candidate.get("content").unwrap_or(&Value::Null);
        for part in list(content, "parts") {
            pieces.extend(self.part(part));
        }
        let reason = text(candidate, "finishReason");
        let Some(finish) = finish(&reason) else {
            return pieces;
        };
        if matches!(finish, Finish::ContentFilter | Finish::Error) {
            pieces.push(Piece::Refusal(text(candidate, "finishMessage")));
        }
        pieces.push(Piece::Finish(finish, reason));
        pieces
    }

    fn part(&mut self, part: &Value) -> Vec<Piece> {
        let Some(call) = part.get("functionCall") else {
            let thought = part.get("thought").and_then(Value::as_bool) == Some(true);
            let said = text(part, "text");
            return vec![if thought {
                Piece::Reasoning(said)
            } else {
                Piece::Text(said)
            }];
        };
        let id = self.ids.of(text(call, "id"));
        self.calls += 1;
        let arguments = call
            .get("args")
            .map_or_else(|| "{}".to_owned(), Value::to_string);
        let signature = part.get("thoughtSignature");
        let keepsake = signature
            .map(|signature| Piece::Keepsake(json!({ "call": id, "thoughtSignature": signature })));
        let call = Piece::Call(CallPiece {
            key: Some(self.calls),
            id,
            name: text(call, "name"),
            arguments: Arguments::Whole(arguments),
        });
        std::iter::once(call).chain(keepsake).collect()
    }
}

/// Source: ai.google.dev, `Candidate.FinishReason`. A reason that nobody knew when this was written is no good end.
fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "" | "FINISH_REASON_UNSPECIFIED" => None,
        "STOP" => Some(Finish::Complete),
        "MAX_TOKENS" => Some(Finish::Length),
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Some(Finish::ContentFilter),
        _ => Some(Finish::Error),
    }
}

/// Thoughts are told beside the tokens of the answer; they were written all the same.
fn usage(value: &Value) -> Option<UsageReport> {
    let usage = value.get("usageMetadata")?;
    let (said, thought) = (
        number(usage, "candidatesTokenCount"),
        number(usage, "thoughtsTokenCount"),
    );
    let written = said.unwrap_or(0).saturating_add(thought.unwrap_or(0));
    let report = UsageReport {
        input: number(usage, "promptTokenCount"),
        output: said.or(thought).map(|_| written),
        total: number(usage, "totalTokenCount"),
    };
    report.if_any()
}

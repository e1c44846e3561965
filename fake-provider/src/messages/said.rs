//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, Usage};
use serde_json::Value;

use crate::members;
use crate::protocol::Intended;
use crate::said_call::{SaidCall, begun};
use crate::sent::{Sent, find};
use crate::unfinished;

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
    /// The blocks that are tool calls, with their indices.
    calls: Vec<(u64, SaidCall)>,
}

impl Reading {
    /// An event without a name is none: the provider's own clients leave it out.
    fn event(&mut self, event: &[u8], whole: bool) {
        let Some(named) = event.strip_prefix(b"event: ") else {
            return;
        };
        let Some(end) = find(named, b"\ndata: ") else {
            return;
        };
        let (name, data) = (&named[..end], &named[end + b"\ndata: ".len()..]);
        let Some(data) = unfinished::read(data) else {
            return;
        };
        match name {
            // Counts are cumulative, and those of the beginning hold where no later ones come.
            b"message_start" if whole => self.usage(&data["message"]["usage"]),
            b"content_block_start" => self.block(&data["content_block"], &data["index"]),
            b"content_block_delta" => self.delta(&data, whole),
            b"message_delta" if whole => {
                self.ending(&data["delta"]["stop_reason"], &data["usage"]);
            }
            b"message_stop" => self.said.end_marker = whole,
            _ => {}
        }
    }

    fn block(&mut self, block: &Value, index: &Value) {
        if block["type"] == "tool_use" {
            let call = SaidCall::begun(word(&block["id"]), word(&block["name"]));
            self.calls.push((index.as_u64().unwrap_or_default(), call));
        }
    }

    fn delta(&mut self, data: &Value, whole: bool) {
        let delta = &data["delta"];
        self.said.text.push_str(word(&delta["text"]));
        let index = data["index"].as_u64();
        let mut calls = self.calls.iter_mut();
        if let Some((_, call)) = calls.find(|(block, _)| Some(*block) == index) {
            call.argue(word(&delta["partial_json"]), whole);
        }
    }

    fn document(&mut self, body: &[u8]) {
        let Some(document) = unfinished::read(body) else {
            return;
        };
        let blocks = document["content"].as_array().into_iter().flatten();
        for (block, index) in blocks.zip(0_u64..) {
            self.said.text.push_str(word(&block["text"]));
            self.block(block, &Value::from(index));
        }
        let valid = body.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        // A member of a block, of a list, of the document.
        let inputs = members::values(valid, "input", 3);
        let whole = serde_json::from_slice::<Value>(body).is_ok();
        for ((_, call), input) in self.calls.iter_mut().zip(inputs) {
            call.argue(&as_arguments(input), whole);
        }
        if whole && document["stop_reason"].is_string() {
            self.ending(&document["stop_reason"], &document["usage"]);
            self.said.end_marker = true;
        }
    }

    fn ending(&mut self, reason: &Value, usage: &Value) {
        let finish = reason.as_str().map(|reason| match reason {
            "end_turn" | "stop_sequence" => "stop",
            "tool_use" => "tool-calls",
            "max_tokens" => "length",
            "refusal" => "content-filter",
            other => other,
        });
        if let Some(finish) = finish {
            self.said.finish = Some(finish.to_owned());
        }
        self.usage(usage);
    }

    fn usage(&mut self, usage: &Value) {
        let tokens = |name: &str| usage[name].as_u64();
        // What came from a cache is not among the input.
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
        let cached = cached.into_iter().filter_map(tokens);
        if let (Some(input), Some(output)) = (tokens("input_tokens"), tokens("output_tokens")) {
            self.said.usage = Some(Usage {
                // Bytes that a script sends raw may say anything.
                input: cached.fold(input, u64::saturating_add),
                output,
            });
        }
    }

    fn said(self, intended: &[Intended]) -> Said {
        Said {
            tool_calls: begun(self.calls.iter().map(|(_, call)| call), intended),
            ..self.said
        }
    }
}

/// Input as it stands in a document; what is no JSON came as a string.
fn as_arguments(input: &str) -> String {
    let text = unfinished::read(input.as_bytes());
    match text {
        Some(Value::String(text)) => text,
        _ => input.to_owned(),
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use provider_script::{Reply, ToolCall};
    use wire_faults::Point;

    use crate::example::Example;
    use crate::messages::Messages;
    use crate::read_back::{Answer, talkative};

    use super::*;

    fn answer(reply: &Reply, streamed: bool) -> Answer<'static> {
        Answer::of(
            &Messages::ALONE,
            &Example::of(reply, streamed),
            &Value::Null,
        )
    }

    fn thoughtful() -> Reply {
        Reply {
            reasoning: Some("\"input\":{} and \"text\"".into()),
            ..talkative()
        }
    }

    #[test]
    fn a_whole_answer_is_read_back_as_it_was_meant() {
        for streamed in [true, false] {
            let answer = answer(&thoughtful(), streamed);
            answer.assert_whole();
            let expected = Usage {
                input: 12,
                output: 7,
            };
            assert_eq!(answer.whole().usage, Some(expected));
        }
    }

    #[test]
    fn a_cut_anywhere_is_read_as_far_as_it_goes() {
        for streamed in [true, false] {
            answer(&thoughtful(), streamed).assert_read_wherever_cut();
        }
    }

    #[test]
    fn the_marks_agree_with_what_is_read() {
        for streamed in [true, false] {
            let answer = answer(&thoughtful(), streamed);
            answer.assert_text_marks();
            answer.assert_argument_marks();
            answer.assert_calls_outlast_arguments();
            assert_eq!(answer.before(Point::BeforeFinish).finish, None);
        }
        let answer = answer(&thoughtful(), true);
        let before_finish = answer.before(Point::BeforeFinish);
        assert!(before_finish.tool_calls.iter().all(|call| call.whole));
        let before_end = answer.before(Point::BeforeEnd);
        assert!(before_end.finish.is_some() && !before_end.end_marker);
        assert!(answer.before(Point::AfterEnd).end_marker);
    }

    #[test]
    fn arguments_that_are_no_json_come_as_they_were_meant() {
        let call = ToolCall {
            tool: "list".into(),
            arguments: serde_json::Map::new(),
            raw_arguments: Some("{\"path\": \"sr".into()),
        };
        let reply = Reply {
            tool_calls: vec![call],
            ..Reply::default()
        };
        for streamed in [true, false] {
            let said = answer(&reply, streamed).whole();
            assert_eq!(said.tool_calls[0].arguments, "{\"path\": \"sr");
            assert!(said.tool_calls[0].whole && said.end_marker);
        }
    }

    #[test]
    fn a_refusal_is_a_reason_to_stop() {
        let reply = Reply {
            refusal: Some("No.".into()),
            ..Reply::default()
        };
        for streamed in [true, false] {
            let answer = answer(&reply, streamed);
            assert_eq!(answer.whole().finish.as_deref(), Some("content-filter"));
            let text = String::from_utf8(answer.response.body).expect("is text");
            assert!(text.contains("\"explanation\":\"No.\"") && !text.contains("ping"));
        }
    }

    #[test]
    fn tokens_beyond_everything_are_read_as_very_many() {
        let wire = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"stop_reason\":\"end_turn\",\"usage\":{\
            \"input_tokens\":18446744073709551615,\"cache_read_input_tokens\":1,\"output_tokens\":1}}";
        let usage = said(&Sent::read(wire), &[]).usage.expect("is told");
        assert_eq!((usage.input, usage.output), (u64::MAX, 1));
    }

    #[test]
    fn an_error_says_nothing() {
        let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"type\":\"error\",\"error\":{\"message\":\"m\"}}";
        assert_eq!(said(&Sent::read(wire), &[]), Said::default());
    }
}

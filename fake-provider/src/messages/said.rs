//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, SaidToolCall, Usage};
use serde_json::Value;

use crate::members;
use crate::protocol::Intended;
use crate::sent::{Sent, find};
use crate::unfinished;

/// Reads what left, cut anywhere.
pub(super) fn said(sent: &Sent, intended: &[Intended]) -> Said {
    let mut reading = Reading::default();
    if sent.is("text/event-stream") {
        reading.stream(sent.body());
    } else {
        reading.document(sent.body());
    }
    reading.said(intended)
}

#[derive(Debug, Default)]
struct Reading {
    said: Said,
    /// The blocks that are tool calls.
    calls: Vec<Call>,
}

#[derive(Debug, Default)]
struct Call {
    /// The index of its block.
    block: u64,
    id: String,
    tool: String,
    arguments: String,
    /// Those in what has left whole.
    whole: String,
}

impl Reading {
    fn stream(&mut self, body: &[u8]) {
        let mut rest = body;
        while let Some(end) = find(rest, b"\n\n") {
            self.event(&rest[..end], true);
            rest = &rest[end + 2..];
        }
        self.event(rest, false);
    }

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
            self.calls.push(Call {
                block: index.as_u64().unwrap_or_default(),
                id: word(&block["id"]),
                tool: word(&block["name"]),
                ..Call::default()
            });
        }
    }

    fn delta(&mut self, data: &Value, whole: bool) {
        let delta = &data["delta"];
        let text = delta["text"].as_str().unwrap_or_default();
        self.said.text.push_str(text);
        let index = data["index"].as_u64();
        let mut calls = self.calls.iter_mut();
        if let Some(call) = calls.find(|call| Some(call.block) == index) {
            let arguments = delta["partial_json"].as_str().unwrap_or_default();
            call.arguments.push_str(arguments);
            if whole {
                call.whole.push_str(arguments);
            }
        }
    }

    fn document(&mut self, body: &[u8]) {
        let Some(document) = unfinished::read(body) else {
            return;
        };
        let blocks = document["content"].as_array().into_iter().flatten();
        for (block, index) in blocks.zip(0_u64..) {
            self.said.text.push_str(&word(&block["text"]));
            self.block(block, &Value::from(index));
        }
        let valid = body.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        // A member of a block, of a list, of the document.
        let inputs = members::values(valid, "input", 3);
        let whole = serde_json::from_slice::<Value>(body).is_ok();
        for (call, input) in self.calls.iter_mut().zip(inputs) {
            call.arguments = as_arguments(input);
            if whole {
                call.whole.clone_from(&call.arguments);
            }
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
        let cached: u64 = cached.into_iter().filter_map(tokens).sum();
        if let (Some(input), Some(output)) = (tokens("input_tokens"), tokens("output_tokens")) {
            self.said.usage = Some(Usage {
                input: input + cached,
                output,
            });
        }
    }

    /// A call whose id has not left whole was not begun.
    fn said(self, intended: &[Intended]) -> Said {
        let begun = intended.iter().zip(0..).filter_map(|(meant, index)| {
            let call = self.calls.iter().find(|call| call.id == meant.id)?;
            Some(SaidToolCall {
                id: call.id.clone(),
                index,
                tool: call.tool.clone(),
                arguments: call.arguments.clone(),
                whole: call.tool == meant.tool && call.whole == meant.arguments,
            })
        });
        Said {
            tool_calls: begun.collect(),
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

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use fault_io::{Contract, Response};
    use provider_script::{Reply, ToolCall};
    use serde_json::json;
    use wire_faults::{Action, Fault, Point};

    use super::super::reply;
    use super::*;
    use crate::example::Example;

    const TEXT: &str = "Grüße 🎉, \"quoted\"\n\tand \u{1} back\\slashed.";

    fn example(streamed: bool) -> Example {
        let call = |path: &str| ToolCall {
            tool: "list".into(),
            arguments: serde_json::Map::from_iter([("path".to_owned(), json!(path))]),
            raw_arguments: None,
        };
        let reply = Reply {
            reasoning: Some("\"input\":{} and \"text\"".into()),
            text: Some(TEXT.into()),
            tool_calls: vec![call("src/é"), call("b\"c,}")],
            ..Reply::default()
        };
        Example::of(&reply, streamed)
    }

    fn rendered(example: &Example) -> Response {
        reply::response(&example.rendering(&Value::Null))
    }

    fn read(wire: &[u8], example: &Example) -> Said {
        said(&Sent::read(wire), &example.calls)
    }

    #[test]
    fn a_whole_answer_is_read_back_as_it_was_meant() {
        for streamed in [true, false] {
            let example = example(streamed);
            let said = read(Contract::plain(&rendered(&example)).wire(), &example);
            assert_eq!(said.text, TEXT);
            assert_eq!(said.finish.as_deref(), Some("tool-calls"));
            assert!(said.end_marker);
            let usage = Usage {
                input: 12,
                output: 7,
            };
            assert_eq!(said.usage, Some(usage));
            assert!(said.tool_calls.iter().all(|call| call.whole), "{said:?}");
            assert_eq!(said.tool_calls[1].arguments, r#"{"path":"b\"c,}"}"#);
        }
    }

    #[test]
    fn a_cut_anywhere_is_read_as_far_as_it_goes() {
        for streamed in [true, false] {
            let example = example(streamed);
            let response = rendered(&example);
            let contract = Contract::plain(&response);
            let mut text = 0;
            for cut in 0..contract.wire().len() {
                let said = read(&contract.wire()[..cut], &example);
                assert!(TEXT.starts_with(&said.text), "{cut}: {said:?}");
                assert!(said.text.len() >= text, "{cut}: {said:?}");
                text = said.text.len();
                let mut calls = said.tool_calls.iter().zip(&example.calls);
                let right = calls.all(|(call, meant)| meant.arguments.starts_with(&call.arguments));
                assert!(right, "{cut}: {said:?}");
            }
        }
    }

    #[test]
    fn the_marks_agree_with_what_is_read() {
        for streamed in [true, false] {
            let example = example(streamed);
            let response = rendered(&example);
            let at = |point| {
                let fault = Fault {
                    point,
                    action: Action::Close,
                };
                let contract = Contract::of(&response, &fault).expect("has the point");
                read(contract.wire(), &example)
            };
            for after_bytes in 0..=TEXT.len() as u64 {
                let cut = usize::try_from(after_bytes).expect("fits");
                let shown = &TEXT[..TEXT.floor_char_boundary(cut)];
                assert_eq!(at(Point::Text { after_bytes }).text, shown);
            }
            let meant = example.calls.iter().map(|call| call.arguments.as_str());
            let arguments: String = meant.collect();
            for after_bytes in 1..=arguments.len() as u64 {
                let cut = usize::try_from(after_bytes).expect("fits");
                let said = at(Point::ToolArguments { after_bytes });
                let calls = said.tool_calls.iter();
                let shown: String = calls.map(|call| call.arguments.as_str()).collect();
                assert_eq!(shown, arguments[..arguments.floor_char_boundary(cut)]);
                assert!(!said.tool_calls.last().is_some_and(|call| call.whole));
            }
            assert_eq!(at(Point::BeforeFinish).finish, None);
        }
        let example = example(true);
        let response = rendered(&example);
        let at = |point| {
            let fault = Fault {
                point,
                action: Action::Close,
            };
            let contract = Contract::of(&response, &fault).expect("has the point");
            read(contract.wire(), &example)
        };
        assert!(
            at(Point::BeforeFinish)
                .tool_calls
                .iter()
                .all(|call| call.whole)
        );
        let before_end = at(Point::BeforeEnd);
        assert!(before_end.finish.is_some() && !before_end.end_marker);
        assert!(at(Point::AfterEnd).end_marker);
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
            let example = Example::of(&reply, streamed);
            let said = read(Contract::plain(&rendered(&example)).wire(), &example);
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
            let example = Example::of(&reply, streamed);
            let response = rendered(&example);
            let said = read(Contract::plain(&response).wire(), &example);
            assert_eq!(said.finish.as_deref(), Some("content-filter"));
            let text = String::from_utf8(response.body).expect("is text");
            assert!(text.contains("\"explanation\":\"No.\"") && !text.contains("ping"));
        }
    }

    #[test]
    fn an_error_says_nothing() {
        let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"type\":\"error\",\"error\":{\"message\":\"m\"}}";
        assert_eq!(said(&Sent::read(wire), &[]), Said::default());
    }
}

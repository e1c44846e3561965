//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, SaidToolCall, Usage};
use serde_json::Value;

use crate::protocol::Intended;
use crate::sent::{Sent, find};
use crate::unfinished;

/// More calls than any answer has; an index beyond is none of an answer of ours.
const CALLS_MOST: usize = 1024;

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
    /// By index: id, name, arguments so far, and those in what has left whole.
    calls: Vec<Call>,
}

#[derive(Debug, Default)]
struct Call {
    id: String,
    tool: String,
    arguments: String,
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

    fn event(&mut self, event: &[u8], whole: bool) {
        let Some(data) = event.strip_prefix(b"data: ") else {
            return;
        };
        if data == b"[DONE]" {
            self.said.end_marker = whole;
            return;
        }
        let Some(chunk) = unfinished::read(data) else {
            return;
        };
        // Of several answers to one question, the first is what is told.
        let choice = match chunk["choices"][0]["index"].as_u64() {
            Some(1..) => &Value::Null,
            _ => &chunk["choices"][0],
        };
        self.message(&choice["delta"], whole);
        if whole {
            self.ending(&choice["finish_reason"], &chunk["usage"]);
        }
    }

    fn document(&mut self, body: &[u8]) {
        let whole = serde_json::from_slice::<Value>(body).is_ok();
        let Some(document) = unfinished::read(body) else {
            return;
        };
        let choice = &document["choices"][0];
        self.message(&choice["message"], whole);
        if whole && choice.is_object() {
            self.ending(&choice["finish_reason"], &document["usage"]);
            self.said.end_marker = true;
        }
    }

    fn message(&mut self, message: &Value, whole: bool) {
        for spoken in ["content", "refusal"] {
            let spoken = message[spoken].as_str().unwrap_or_default();
            self.said.text.push_str(spoken);
        }
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        for (place, call) in calls.enumerate() {
            // A document has no index: the place in the list is the index.
            let index = match call["index"].as_u64() {
                Some(index) => usize::try_from(index).unwrap_or(place),
                None => place,
            };
            // Bytes that a script sends raw may say anything.
            if index >= CALLS_MOST {
                continue;
            }
            while self.calls.len() <= index {
                self.calls.push(Call::default());
            }
            let known = &mut self.calls[index];
            known.id.push_str(call["id"].as_str().unwrap_or_default());
            let function = &call["function"];
            known
                .tool
                .push_str(function["name"].as_str().unwrap_or_default());
            let arguments = function["arguments"].as_str().unwrap_or_default();
            known.arguments.push_str(arguments);
            if whole {
                known.whole.push_str(arguments);
            }
        }
    }

    fn ending(&mut self, finish: &Value, usage: &Value) {
        // Some gateways send an empty one with every chunk.
        if let Some(finish) = finish.as_str().filter(|finish| !finish.is_empty()) {
            // Neutral words are in kebab case.
            self.said.finish = Some(finish.replace('_', "-"));
        }
        let tokens = |name: &str| usage[name].as_u64();
        if let (Some(input), Some(output)) = (tokens("prompt_tokens"), tokens("completion_tokens"))
        {
            self.said.usage = Some(Usage { input, output });
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

#[cfg(test)]
mod tests {
    use fault_io::{Contract, Response};
    use provider_script::{Reply, ToolCall};
    use serde_json::json;

    use super::super::reply::response;
    use super::*;
    use crate::example::Example;

    const TEXT: &str = "Grüße 🎉, \"quoted\"\n\tand \u{1} back\\slashed.";

    fn reply() -> Reply {
        let call = |path: &str| ToolCall {
            tool: "list".into(),
            arguments: serde_json::Map::from_iter([("path".to_owned(), json!(path))]),
            raw_arguments: None,
        };
        Reply {
            text: Some(TEXT.into()),
            tool_calls: vec![call("src/é"), call("b\"c")],
            ..Reply::default()
        }
    }

    fn rendered(reply: &Reply, streamed: bool) -> (Response, Vec<Intended>) {
        let example = Example::of(reply, streamed);
        let body = json!({"stream_options": {"include_usage": true}});
        let response = response(&example.rendering(&body));
        (response, example.calls)
    }

    fn said(wire: &[u8], calls: &[Intended]) -> Said {
        super::said(&Sent::read(wire), calls)
    }

    #[test]
    fn a_whole_answer_is_read_back_as_it_was_meant() {
        for streamed in [true, false] {
            let (response, calls) = rendered(&reply(), streamed);
            let said = said(Contract::plain(&response).wire(), &calls);
            assert_eq!(said.text, TEXT);
            assert_eq!(said.finish.as_deref(), Some("tool-calls"));
            assert!(said.end_marker);
            assert_eq!(
                said.usage,
                Some(Usage {
                    input: 12,
                    output: 7
                })
            );
            assert!(said.tool_calls.iter().all(|call| call.whole), "{said:?}");
            assert_eq!(said.tool_calls[1].arguments, r#"{"path":"b\"c"}"#);
        }
    }

    #[test]
    fn a_cut_anywhere_is_read_as_far_as_it_goes() {
        for streamed in [true, false] {
            let (response, calls) = rendered(&reply(), streamed);
            let contract = Contract::plain(&response);
            let mut text = 0;
            for cut in 0..contract.wire().len() {
                let said = said(&contract.wire()[..cut], &calls);
                assert!(TEXT.starts_with(&said.text), "{cut}: {said:?}");
                assert!(said.text.len() >= text, "{cut}: {said:?}");
                text = said.text.len();
                let mut calls = said.tool_calls.iter().zip(&calls);
                let right = calls.all(|(call, meant)| meant.arguments.starts_with(&call.arguments));
                assert!(right, "{cut}: {said:?}");
            }
        }
    }

    #[test]
    fn the_marks_agree_with_what_is_read() {
        use wire_faults::{Action, Fault, Point};
        let (response, calls) = rendered(&reply(), true);
        let at = |point| {
            let fault = Fault {
                point,
                action: Action::Close,
            };
            let contract = Contract::of(&response, &fault).expect("has the point");
            said(contract.wire(), &calls)
        };
        for after_bytes in 0..=TEXT.len() as u64 {
            let cut = usize::try_from(after_bytes).expect("fits");
            let shown = &TEXT[..TEXT.floor_char_boundary(cut)];
            assert_eq!(at(Point::Text { after_bytes }).text, shown);
        }
        let arguments: String = calls.iter().map(|call| call.arguments.as_str()).collect();
        for after_bytes in 1..=arguments.len() as u64 {
            let cut = usize::try_from(after_bytes).expect("fits");
            let said = at(Point::ToolArguments { after_bytes });
            let shown: String = said
                .tool_calls
                .iter()
                .map(|call| call.arguments.as_str())
                .collect();
            assert_eq!(shown, arguments[..arguments.floor_char_boundary(cut)]);
            assert!(!said.tool_calls.last().is_some_and(|call| call.whole));
        }
        let before_finish = at(Point::BeforeFinish);
        assert_eq!(before_finish.finish, None);
        assert!(before_finish.tool_calls.iter().all(|call| call.whole));
        let before_end = at(Point::BeforeEnd);
        assert!(before_end.finish.is_some() && !before_end.end_marker);
        assert!(at(Point::AfterEnd).end_marker);
    }

    #[test]
    fn of_several_answers_the_first_is_read() {
        for streamed in [true, false] {
            let example = Example::of(&reply(), streamed);
            let body = json!({"n": 3, "stream_options": {"include_usage": true}});
            let response = response(&example.rendering(&body));
            let said = said(Contract::plain(&response).wire(), &example.calls);
            assert_eq!(said.text, TEXT);
            assert!(said.tool_calls.iter().all(|call| call.whole), "{said:?}");
            assert!(said.finish.is_some() && said.usage.is_some(), "{said:?}");
        }
    }

    #[test]
    fn a_call_of_an_index_beyond_everything_is_none() {
        let wire = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
            data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":9999999999999,\"id\":\"c\"}]}}]}\n\n";
        assert_eq!(said(wire, &[]), Said::default());
    }

    #[test]
    fn an_error_says_nothing() {
        let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"error\":{\"message\":\"m\"}}";
        assert_eq!(said(wire, &[]), Said::default());
    }
}

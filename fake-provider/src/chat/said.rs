//! What an answer has said, read back from the bytes that really left. Independent of how they were written: a mistake in the
//! rendering shows here instead of being repeated.

use journal::{Said, Usage};
use serde_json::Value;

use crate::protocol::Intended;
use crate::said_call::{SaidCall, begun};
use crate::sent::Sent;
use crate::unfinished;

/// More calls than any answer has; an index beyond is none of an answer of ours.
const CALLS_MOST: usize = 1024;

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
    /// By index.
    calls: Vec<SaidCall>,
}

impl Reading {
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

    fn message<'a>(&mut self, message: &'a Value, whole: bool) {
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
            if self.calls.len() <= index {
                self.calls.resize_with(index + 1, SaidCall::default);
            }
            let word = |value: &'a Value| value.as_str().unwrap_or_default();
            let function = &call["function"];
            let known = &mut self.calls[index];
            known.name(word(&call["id"]), word(&function["name"]));
            known.argue(word(&function["arguments"]), whole);
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

    fn said(self, intended: &[Intended]) -> Said {
        Said {
            tool_calls: begun(self.calls.iter(), intended),
            ..self.said
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire_faults::Point;

    use crate::chat::Chat;
    use crate::example::Example;
    use crate::read_back::{Answer, talkative};

    use super::*;

    fn answer(streamed: bool, answers: u64) -> Answer<'static> {
        let body = json!({"n": answers, "stream_options": {"include_usage": true}});
        Answer::of(&Chat, &Example::of(&talkative(), streamed), &body)
    }

    /// What these bytes have said, of which nothing was meant.
    fn read(wire: &[u8]) -> Said {
        said(&Sent::read(wire), &[])
    }

    #[test]
    fn a_whole_answer_is_read_back_as_it_was_meant() {
        // Of several answers, the first is read.
        for (streamed, answers) in [(true, 1), (false, 1), (true, 3), (false, 3)] {
            let answer = answer(streamed, answers);
            answer.assert_whole();
            let usage = answer.whole().usage.expect("is told");
            assert_eq!((usage.input, usage.output), (12, 7));
        }
    }

    #[test]
    fn a_cut_anywhere_is_read_as_far_as_it_goes() {
        for streamed in [true, false] {
            answer(streamed, 1).assert_read_wherever_cut();
        }
    }

    #[test]
    fn the_marks_agree_with_what_is_read() {
        for streamed in [true, false] {
            let answer = answer(streamed, 1);
            answer.assert_text_marks();
            answer.assert_argument_marks();
            answer.assert_calls_outlast_arguments();
        }
        let answer = answer(true, 1);
        let before_finish = answer.before(Point::BeforeFinish);
        assert_eq!(before_finish.finish, None);
        assert!(before_finish.tool_calls.iter().all(|call| call.whole));
        let before_end = answer.before(Point::BeforeEnd);
        assert!(before_end.finish.is_some() && !before_end.end_marker);
        assert!(answer.before(Point::AfterEnd).end_marker);
    }

    #[test]
    fn a_call_of_an_index_beyond_everything_is_none() {
        let wire = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
            data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":9999999999999,\"id\":\"c\"}]}}]}\n\n";
        assert_eq!(read(wire), Said::default());
    }

    #[test]
    fn an_error_says_nothing() {
        let wire = b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"error\":{\"message\":\"m\"}}";
        assert_eq!(read(wire), Said::default());
    }
}

//! What a streamed answer means: what counts as an error inside it, and what counts as its end.

use serde_json::Value;

use super::assembly::{Answer, Assembly};
use super::sse::SseEvent;
use super::{classify, error_body};
use crate::failure::{Failure, FailureCode};

/// How a stream stopped coming.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEnd {
    /// `[DONE]`.
    Marker,
    /// The response ended properly.
    Closed,
    /// The transport broke.
    Broken(Failure),
    /// No data for longer than the limit.
    Silent(Failure),
}

/// Judges a stream.
pub trait StreamReader: Send + Sync {
    /// The error that this event is, if it is one: an `error` object, vLLM's `{"object": "error"}`, or an event named so.
    fn in_band_error(&self, event: &SseEvent, value: &Value) -> Option<Failure> {
        let error = error_body::in_band(value)
            .or_else(|| (event.event == "error").then(|| error_body::of_status(value)));
        error.map(|error| classify::in_band(&error))
    }

    /// Whether the answer is whole, now that nothing more comes. Only a finish reason makes it so: with one, a missing
    /// `[DONE]` or a break after it changes nothing; without one, nothing makes up for it.
    ///
    /// # Errors
    /// The answer is not whole, and why.
    fn at_end(&self, end: StreamEnd, answer: &Assembly) -> Result<(), Failure> {
        if answer.finish().is_some() {
            return Ok(());
        }
        match end {
            StreamEnd::Marker => Err(truncated("the stream said [DONE] without a finish_reason")),
            StreamEnd::Closed => Err(truncated("the stream ended without a finish_reason")),
            StreamEnd::Broken(failure) | StreamEnd::Silent(failure) => Err(failure),
        }
    }

    /// The answer, once its end was accepted, streamed or not: what its finish reason makes of it.
    ///
    /// # Errors
    /// It is none: withheld, broken, empty, or with calls that cannot be told apart.
    fn conclude(&self, answer: Assembly) -> Result<Answer, Failure> {
        answer.conclude()
    }
}

fn truncated(message: &str) -> Failure {
    Failure::new(FailureCode::Truncated, format!("truncated: {message}"))
}

/// The reading that ships.
#[derive(Debug, Default, Clone, Copy)]
pub struct StrictStream;

impl StreamReader for StrictStream {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finished() -> Assembly {
        let mut assembly = Assembly::default();
        assembly.chunk(&json!({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}));
        assembly
    }

    #[test]
    fn only_a_finish_reason_makes_an_answer_whole() {
        let lost = Failure::new(FailureCode::Disconnected, "gone");
        let ends = [
            StreamEnd::Marker,
            StreamEnd::Closed,
            StreamEnd::Broken(lost.clone()),
            StreamEnd::Silent(lost),
        ];
        for end in ends {
            assert!(
                StrictStream
                    .at_end(end.clone(), &Assembly::default())
                    .is_err(),
                "{end:?}"
            );
            assert!(
                StrictStream.at_end(end.clone(), &finished()).is_ok(),
                "{end:?}"
            );
        }
    }

    #[test]
    fn an_event_named_error_is_one_whatever_it_says() {
        let event = SseEvent {
            event: "error".to_owned(),
            ..SseEvent::default()
        };
        let failure = StrictStream
            .in_band_error(&event, &json!({"message": "m"}))
            .unwrap();
        assert!(failure.message.starts_with('m'));
        assert_eq!(
            StrictStream.in_band_error(&SseEvent::default(), &json!({"message": "m"})),
            None
        );
    }
}

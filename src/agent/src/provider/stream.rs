//! What a streamed answer means: what counts as an error inside it, and what counts as its end.

use std::borrow::Cow;

use super::assembly::{Answer, Assembly};
use super::classify;
use super::error_body::ErrorBody;
use super::piece::Piece;
use crate::failure::{Failure, FailureCode};

/// How a stream stopped coming.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEnd {
    /// Its end marker came: `[DONE]`, `message_stop`, whatever the dialect has.
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
    /// The bytes of a stream as they came. The transport cuts them anywhere, so nothing can be done about a chunk: it passes
    /// unchanged.
    fn chunk<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(bytes)
    }

    /// An event of the stream is no JSON. What it would have said is missing, so nothing makes the answer whole.
    ///
    /// # Errors
    ///
    /// The failure, unless the event is to be skipped.
    fn unreadable(&self, failure: Failure) -> Result<(), Failure> {
        Err(failure)
    }

    /// Something came instead of an answer: a page, another document, nothing.
    ///
    /// # Errors
    ///
    /// The failure, unless it is to be taken for an answer.
    fn not_an_answer(&self, failure: Failure, body: &[u8]) -> Result<Vec<Piece>, Failure> {
        let _ = body;
        Err(failure)
    }

    /// The failure that an error inside an answer is.
    fn in_band_error(&self, error: &ErrorBody) -> Option<Failure> {
        Some(classify::in_band(error))
    }

    /// Whether the answer is whole, now that nothing more comes. Only a finish reason makes it so: with one, a missing
    /// end marker or a break after it changes nothing; without one, nothing makes up for it.
    ///
    /// # Errors
    /// The answer is not whole, and why.
    fn at_end(&self, end: StreamEnd, answer: &Assembly) -> Result<(), Failure> {
        if answer.finish().is_some() {
            return Ok(());
        }
        match end {
            StreamEnd::Marker => Err(truncated("the stream said its end without a finish reason")),
            StreamEnd::Closed => Err(truncated("the stream ended without a finish reason")),
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
    use crate::provider::piece::{Finish, Piece};

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
            let nothing = Assembly::default();
            assert!(
                StrictStream.at_end(end.clone(), &nothing).is_err(),
                "{end:?}"
            );
            let mut finished = Assembly::default();
            finished.take(Piece::Finish(Finish::Complete, "stop".to_owned()));
            assert!(
                StrictStream.at_end(end.clone(), &finished).is_ok(),
                "{end:?}"
            );
        }
    }
}

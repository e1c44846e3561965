//! An exchange while it is recorded. Knows no sockets.

use std::time::Duration;

use tokio::time::Instant;

use super::answer_reader::AnswerReader;
use super::exchange::{Ending, Received, RecordedExchange, RecordedRequest};
use super::secrets::Secrets;
use crate::http::Request;

/// The longest answer that is stored.
const LONGEST: usize = 256 * 1024 * 1024;

/// What has come so far.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) number: u64,
    request: RecordedRequest,
    secrets: Secrets,
    /// When the request had been sent.
    sent: Instant,
    wire: Vec<u8>,
    /// Where each piece begins in the bytes, and when it came.
    pieces: Vec<(usize, Duration)>,
    answer: AnswerReader,
    too_long: bool,
}

/// Why an exchange is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unstored {
    /// A key could be in it.
    #[error("its request is compressed, so that it cannot be searched for keys")]
    CodedRequest,
    /// A key could be in it.
    #[error(
        "its answer is compressed although it was not to be, so that it cannot be searched for keys"
    )]
    CodedAnswer,
    /// It would not fit in memory.
    #[error("its answer is longer than 256 MiB")]
    TooLong,
}

impl Taken {
    /// Begins; the request has not been sent.
    pub(super) fn new(number: u64, request: &Request) -> Self {
        Self {
            number,
            request: RecordedRequest::of(request),
            secrets: Secrets::of(request),
            sent: Instant::now(),
            wire: Vec::new(),
            pieces: Vec::new(),
            answer: AnswerReader::new(&request.method),
            too_long: false,
        }
    }

    /// Time is counted from here.
    pub(super) fn request_has_left(&mut self) {
        self.sent = Instant::now();
    }

    /// Takes what came.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.too_long || self.wire.len() + bytes.len() > LONGEST {
            self.too_long = true;
            return;
        }
        self.pieces.push((self.wire.len(), self.sent.elapsed()));
        self.wire.extend_from_slice(bytes);
        self.answer.read(&self.wire);
    }

    /// Whether the answer has come whole and the connection stays open.
    pub(super) fn is_over(&self) -> bool {
        self.answer.is_whole() && !self.answer.closes()
    }

    /// What is asked, without keys: for a person.
    pub(super) fn asked(&self) -> String {
        let path = self.secrets.text(&self.request.path);
        format!("{} {path}", self.request.method)
    }

    /// The keys of the request.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// All of it, without any of these keys.
    pub(super) fn conclude(
        mut self,
        upstream: String,
        ending: Ending,
        secrets: &Secrets,
    ) -> Result<RecordedExchange, Unstored> {
        let coding = { self.request.headers.iter() }.find(|(name, _)| name == "content-encoding");
        if coding.is_some_and(|(_, coding)| !coding.eq_ignore_ascii_case("identity")) {
            return Err(Unstored::CodedRequest);
        }
        if self.answer.is_coded() {
            return Err(Unstored::CodedAnswer);
        }
        if self.too_long {
            return Err(Unstored::TooLong);
        }
        secrets.blank(&mut self.wire, &self.answer);
        let ends = self.pieces.iter().skip(1).map(|(begin, _)| *begin);
        let ends = ends.chain([self.wire.len()]);
        let pieces = { self.pieces.iter().zip(ends) }.map(|((begin, at), end)| Received {
            at: *at,
            bytes: self.wire[*begin..end].to_vec(),
        });
        Ok(RecordedExchange {
            upstream,
            request: secrets.scrubbed(&self.request),
            pieces: pieces.collect(),
            ending,
            ended_at: self.sent.elapsed(),
        })
    }
}

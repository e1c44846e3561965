//! One attempt: one request, and its answer read to the end. Never tries again, never waits without a limit.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::answer_body::{self, BodyLimits, broken, too_large};
use super::assembly::{Answer, Assembly};
use super::call::CallParts;
use super::endpoint::Endpoint;
use super::items::{Framing, StreamCutter, StreamEvent, StreamItem};
use super::meter::UsageReading;
use super::piece::Piece;
use super::protocol::{self, AnswerReader};
use super::question::Question;
use super::stream::StreamEnd;
use super::{classify, error_body, retry_after};
use crate::failure::{Failure, FailureCode};
use crate::message::ToolCall;
use crate::registry::{CallClient, Incoming};

/// Most bytes of an error body that are read.
const ERROR_BODY: usize = 64 * 1024;
/// After the finish reason only usage and an end marker follow: not worth the whole idle limit.
const AFTER_FINISH: Duration = Duration::from_secs(5);

/// An attempt that did not bring a whole answer.
#[derive(Debug)]
pub(super) struct Broken {
    /// Why.
    pub(super) failure: Failure,
    /// The text that was delivered before it broke.
    pub(super) said: String,
    /// The tool calls as far as they had arrived.
    pub(super) fragments: Vec<ToolCall>,
}

/// One attempt under way.
pub(super) struct Exchange<'a> {
    parts: &'a CallParts,
    endpoint: &'a Endpoint,
    question: &'a Question,
    reading: UsageReading,
    framing: Framing,
    reader: Box<dyn AnswerReader>,
    assembly: Assembly,
    said: String,
    received: usize,
    /// When silence has lasted too long, and how long that is; nothing where it may last.
    patience: Option<(Instant, Duration)>,
}

enum Flow {
    On,
    End,
}

/// What came of some pieces.
#[derive(Default)]
struct Taken {
    /// They brought some part of an answer.
    advanced: bool,
    /// Nothing more comes.
    marker: bool,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        parts: &'a CallParts,
        endpoint: &'a Endpoint,
        question: &'a Question,
    ) -> Self {
        let protocol = protocol::of(endpoint.dialect);
        let patience = parts
            .seams
            .deadlines
            .first_data(&parts.config.timeouts)
            .and_then(from_now);
        Self {
            parts,
            endpoint,
            question,
            reading: parts.meter.reading(),
            framing: protocol.framing(),
            reader: protocol.reader(question),
            assembly: Assembly::of(endpoint.dialect),
            said: String::new(),
            received: 0,
            patience,
        }
    }

    /// Asks, and reads the answer.
    pub(super) async fn run(mut self, client: &dyn CallClient) -> Result<Answer, Box<Broken>> {
        let read = self.ask(client).await;
        let fragments = self.assembly.fragments();
        let reader = &self.parts.seams.stream_reader;
        match read.and_then(|()| reader.conclude(self.assembly)) {
            Ok(answer) => Ok(answer),
            Err(failure) => Err(Box::new(Broken {
                failure,
                said: self.said,
                fragments,
            })),
        }
    }

    async fn ask(&mut self, client: &dyn CallClient) -> Result<(), Failure> {
        let request = self.endpoint.request(self.question, self.parts.purpose);
        let answer = self.wait("answer", client.send(request)).await?;
        let mut incoming = answer.map_err(|error| broken(error, true))?;
        let status = incoming.status();
        if !(200..300).contains(&status) {
            let body = answer_body::read(&mut incoming, self.body_limits(ERROR_BODY), true)
                .await
                .unwrap_or_default();
            return Err(classify::status(
                status,
                incoming.headers(),
                &body,
                self.parts.clock.now(),
            ));
        }
        // A provider may ask for a wait in the headers of an answer whose error comes only inside it.
        let asked = retry_after::read(incoming.headers(), self.parts.clock.now());
        let read = if is_stream(incoming.headers(), self.question.streaming, self.framing) {
            self.stream(&mut incoming).await
        } else {
            self.document(&mut incoming).await
        };
        read.map_err(|failure| Failure {
            retry_after: failure.retry_after.or(asked),
            ..failure
        })
    }

    /// Reads a stream until its end, and has the end judged.
    async fn stream(&mut self, incoming: &mut Incoming) -> Result<(), Failure> {
        let mut cutter = self.framing.cutter(self.parts.config.max_response_bytes);
        let end = loop {
            let chunk = match self.wait("further data", incoming.chunk()).await {
                Err(silence) => break StreamEnd::Silent(silence),
                Ok(Err(error)) => break StreamEnd::Broken(broken(error, false)),
                Ok(Ok(None)) => break StreamEnd::Closed,
                Ok(Ok(Some(chunk))) => chunk,
            };
            if let Flow::End = self.take(&mut cutter, &chunk)? {
                break StreamEnd::Marker;
            }
        };
        if let Some(item) = cutter.rest() {
            self.item(&item)?;
        }
        self.parts.seams.stream_reader.at_end(end, &self.assembly)
    }

    fn take(&mut self, cutter: &mut StreamCutter, chunk: &[u8]) -> Result<Flow, Failure> {
        self.received += chunk.len();
        if self.received > self.parts.config.max_response_bytes {
            return Err(too_large(self.parts.config.max_response_bytes));
        }
        let chunk = self.parts.seams.stream_reader.chunk(chunk);
        let items = cutter
            .push(&chunk)
            .map_err(|error| Failure::new(FailureCode::Protocol, error.to_string()))?;
        for item in items {
            if let Flow::End = self.item(&item)? {
                return Ok(Flow::End);
            }
        }
        Ok(Flow::On)
    }

    fn item(&mut self, item: &StreamItem) -> Result<Flow, Failure> {
        let taken = match item {
            // Relays end streams of any dialect with the marker of Chat Completions.
            StreamItem::Event(event) if event.data.trim_ascii() == b"[DONE]" => {
                return Ok(Flow::End);
            }
            StreamItem::Event(event) => self.event(event)?,
            StreamItem::Comment(_) => Taken::default(),
            StreamItem::Stray(text) => self.stray(text)?,
        };
        if self.parts.seams.deadlines.is_progress(item, taken.advanced) {
            self.progress();
        }
        Ok(if taken.marker { Flow::End } else { Flow::On })
    }

    /// Takes one event of a stream.
    fn event(&mut self, event: &StreamEvent) -> Result<Taken, Failure> {
        if event.data.trim_ascii().is_empty() {
            return Ok(Taken::default());
        }
        let value: Value = match serde_json::from_slice(&event.data) {
            Ok(value) => value,
            Err(error) => {
                let reader = &self.parts.seams.stream_reader;
                return reader
                    .unreadable(unreadable(&error))
                    .map(|()| Taken::default());
            }
        };
        let error = error_body::in_band(&value)
            .or_else(|| (event.event == "error").then(|| error_body::of_status(&value)));
        let pieces = match error {
            Some(error) => vec![Piece::Error(error)],
            None => self.reader.event(event, &value),
        };
        self.pieces(pieces)
    }

    /// Takes what stood between the events: it counts only where it is an error.
    fn stray(&mut self, text: &[u8]) -> Result<Taken, Failure> {
        let value: Option<Value> = serde_json::from_slice(text).ok();
        let error = value.as_ref().and_then(error_body::in_band);
        self.pieces(error.map(Piece::Error).into_iter().collect())
    }

    fn pieces(&mut self, pieces: Vec<Piece>) -> Result<Taken, Failure> {
        let mut taken = Taken::default();
        for piece in pieces {
            match &piece {
                Piece::Error(error) => match self.parts.seams.stream_reader.in_band_error(error) {
                    Some(failure) => return Err(failure),
                    None => continue,
                },
                Piece::Marker => taken.marker = true,
                _ => {}
            }
            let step = self.assembly.take(piece);
            self.reading.note(self.assembly.usage());
            taken.advanced |= step.advanced;
            self.say(step.text);
        }
        Ok(taken)
    }

    /// Reads an answer that is one JSON document; a provider may send one although a stream was asked for.
    async fn document(&mut self, incoming: &mut Incoming) -> Result<(), Failure> {
        let limits = self.body_limits(self.parts.config.max_response_bytes);
        let body = answer_body::read(incoming, limits, false).await?;
        if body.trim_ascii().is_empty() {
            let failure = Failure::new(
                FailureCode::EmptyResponse,
                "the response ended properly with an empty body",
            );
            return self.not_an_answer(failure, &body);
        }
        let value: Value = match serde_json::from_slice(&body) {
            Ok(value) => value,
            Err(error) if error.is_eof() => {
                return Err(Failure::new(
                    FailureCode::Truncated,
                    "truncated: the JSON of the answer ends in its middle",
                ));
            }
            Err(_) => {
                let failure = classify::not_understood(incoming.headers(), &body);
                return self.not_an_answer(failure, &body);
            }
        };
        if let Some(error) = error_body::in_band(&value) {
            self.pieces(vec![Piece::Error(error)])?;
        }
        let Some(pieces) = self.reader.document(&value) else {
            let failure = classify::not_understood(incoming.headers(), &body);
            return self.not_an_answer(failure, &body);
        };
        // Nothing of a document is an answer before all of it is: no text of one without an end is ever delivered.
        let ends = |piece: &Piece| matches!(piece, Piece::Finish(..) | Piece::Error(_));
        if !pieces.iter().any(ends) {
            let usage = pieces
                .into_iter()
                .filter(|piece| matches!(piece, Piece::Usage(_)));
            self.pieces(usage.collect())?;
            return Err(Failure::new(
                FailureCode::Truncated,
                "truncated: the answer has no finish reason",
            ));
        }
        self.pieces(pieces).map(|_| ())
    }

    fn not_an_answer(&mut self, failure: Failure, body: &[u8]) -> Result<(), Failure> {
        let reader = &self.parts.seams.stream_reader;
        let pieces = reader.not_an_answer(failure, body)?;
        self.pieces(pieces).map(|_| ())
    }

    fn say(&mut self, text: String) {
        if !text.is_empty() {
            self.said.push_str(&text);
            self.parts.seams.delivery.delta(&*self.parts.sink, text);
        }
    }

    fn progress(&mut self) {
        let idle = self.parts.seams.deadlines.idle(&self.parts.config.timeouts);
        let after_finish = self.assembly.finish().map(|_| AFTER_FINISH);
        let limit = idle.map(|idle| after_finish.map_or(idle, |after| after.min(idle)));
        self.patience = limit.and_then(from_now);
    }

    async fn wait<T>(
        &self,
        awaited: &str,
        for_what: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        match self.patience {
            None => Ok(for_what.await),
            Some((until, limit)) => timeout_at(until, for_what)
                .await
                .map_err(|_| classify::silence(limit, awaited)),
        }
    }

    fn body_limits(&self, bytes: usize) -> BodyLimits {
        BodyLimits {
            bytes,
            idle: self.parts.seams.deadlines.idle(&self.parts.config.timeouts),
        }
    }
}

/// When a limit is reached that begins now; one that no clock reaches is none.
fn from_now(limit: Duration) -> Option<(Instant, Duration)> {
    Some((Instant::now().checked_add(limit)?, limit))
}

/// A stream is what says so; when one was asked for, also everything that does not say that it is something else. A document
/// is a whole line, so that lines may well call themselves JSON.
fn is_stream(headers: &HeaderMap, asked: bool, framing: Framing) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let other = match framing {
        Framing::ServerSentEvents => kind.contains("json"),
        Framing::JsonLines => kind.contains("event-stream"),
    };
    kind.starts_with(framing.media_type()) || (asked && !other && !kind.starts_with("text/html"))
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::new(
        FailureCode::Protocol,
        format!("an event of the stream is not JSON: {error}"),
    )
}

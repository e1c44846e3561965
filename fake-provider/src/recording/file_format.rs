//! The file of a recorded exchange: one JSON object a line. What each line holds is told in `docs/reference/recordings.md`. Knows
//! no sockets.

mod reading;
#[cfg(test)]
mod tests;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::exchange::{Ending, RecordedExchange};

pub(crate) use reading::read;

/// The version that is written.
pub(crate) const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    format: u32,
    upstream: String,
    request: RequestPart,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestPart {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    query: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Every line between the first and the last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PieceLine {
    at_us: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    at_us: u64,
    ended: EndWord,
    whole: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EndWord {
    Open,
    Fin,
    Reset,
    TlsTruncated,
    TlsAlert,
    ClientLeft,
    Stopped,
}

/// An exchange as the bytes of its file.
pub(crate) fn write(exchange: &RecordedExchange) -> Vec<u8> {
    let request = &exchange.request;
    let (text, base64) = text_or_not(&request.body);
    let head = HeadLine {
        format: FORMAT,
        upstream: exchange.upstream.clone(),
        request: RequestPart {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            text,
            base64,
        },
    };
    let mut file = Vec::new();
    line(&mut file, &head);
    for piece in &exchange.pieces {
        let (text, base64) = text_or_not(&piece.bytes);
        let at_us = micros(piece.at);
        let piece = PieceLine {
            at_us,
            text,
            base64,
        };
        line(&mut file, &piece);
    }
    let (ended, alert) = match &exchange.ending {
        Ending::Open => (EndWord::Open, None),
        Ending::Fin => (EndWord::Fin, None),
        Ending::Reset => (EndWord::Reset, None),
        Ending::TlsTruncated => (EndWord::TlsTruncated, None),
        Ending::TlsAlert(alert) => (EndWord::TlsAlert, Some(alert.clone())),
        Ending::ClientLeft => (EndWord::ClientLeft, None),
        Ending::Stopped => (EndWord::Stopped, None),
    };
    let end = EndLine {
        at_us: micros(exchange.ended_at),
        ended,
        whole: exchange.is_whole(),
        alert,
    };
    line(&mut file, &end);
    file
}

fn line(file: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(&mut *file, value).expect("texts and numbers are always JSON");
    file.push(b'\n');
}

/// What is text stands there as text, so that a person can read it.
fn text_or_not(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok("") => (None, None),
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(STANDARD.encode(bytes))),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

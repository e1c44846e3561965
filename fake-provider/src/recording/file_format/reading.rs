//! Reads the file of a recorded exchange, and says in which line what is wrong with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{EndLine, EndWord, FORMAT, HeadLine, PieceLine};
use crate::recording::exchange::{Ending, Received, RecordedExchange, RecordedRequest};

/// What is wrong with a file, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

const RECORD_AGAIN: &str = "record this exchange again, or take the file away";
const NO_RECORDING: &str = "a recording folder holds the files of `fake-provider record` and nothing else that ends in .ndjson";
const CHANGED: &str = "whoever changes the text of a chunk has to change its size too, and `content-length` where there is one";

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// Reads a whole file.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub(crate) fn read(file: &[u8]) -> Result<RecordedExchange, Damage> {
    let mut lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    // Every line ends in a line break, so that what follows the last one is nothing, or a line that was cut.
    let cut = lines.pop().unwrap_or_default();
    let damaged = |line: usize, message: &str, help| Damage {
        line,
        message: message.to_owned(),
        help,
    };
    if !cut.is_empty() {
        let message = "the line is cut short";
        return Err(damaged(lines.len() + 1, message, RECORD_AGAIN));
    }
    let Some((first, rest)) = lines.split_first() else {
        return Err(damaged(1, "the file is empty", RECORD_AGAIN));
    };
    let Some((last, pieces)) = rest.split_last() else {
        return Err(damaged(1, "nothing follows the first line", RECORD_AGAIN));
    };
    let (upstream, request) = head(first)?;
    let pieces = received(pieces)?;
    let (ending, end) = ended(last, lines.len())?;
    let exchange = RecordedExchange {
        upstream,
        request,
        pieces,
        ending,
        ended_at: Duration::from_micros(end.at_us),
    };
    let message = contradiction(&exchange, end.whole);
    match message {
        Some(message) => Err(damaged(lines.len(), message, CHANGED)),
        None => Ok(exchange),
    }
}

fn head(line: &[u8]) -> Result<(String, RecordedRequest), Damage> {
    let Version { format } = parsed(line, 1, NO_RECORDING)?;
    if format != FORMAT {
        return Err(Damage {
            line: 1,
            message: format!("the format is {format}, and this version reads {FORMAT}"),
            help: "use the version of fake-provider that recorded it, or record it again",
        });
    }
    let HeadLine {
        upstream, request, ..
    } = parsed(line, 1, RECORD_AGAIN)?;
    let read = RecordedRequest {
        body: bytes(request.text, request.base64, 1)?,
        method: request.method,
        path: request.path,
        query: request.query,
        headers: request.headers,
    };
    Ok((upstream, read))
}

fn received(lines: &[&[u8]]) -> Result<Vec<Received>, Damage> {
    let mut pieces: Vec<Received> = Vec::with_capacity(lines.len());
    for (line, number) in lines.iter().zip(2..) {
        let PieceLine {
            at_us,
            text,
            base64,
        } = parsed(line, number, RECORD_AGAIN)?;
        let at = Duration::from_micros(at_us);
        if pieces.last().is_some_and(|before| before.at > at) {
            return Err(earlier(number));
        }
        let bytes = bytes(text, base64, number)?;
        pieces.push(Received { at, bytes });
    }
    Ok(pieces)
}

fn ended(line: &[u8], number: usize) -> Result<(Ending, EndLine), Damage> {
    let end: EndLine = parsed(line, number, RECORD_AGAIN).map_err(|damage| Damage {
        message: format!(
            "the last line does not say how it ended: {}",
            damage.message
        ),
        ..damage
    })?;
    let ending = match (end.ended, &end.alert) {
        (EndWord::TlsAlert, Some(alert)) => Ending::TlsAlert(alert.clone()),
        (EndWord::TlsAlert, None) | (_, Some(_)) => {
            return Err(Damage {
                line: number,
                message: "`alert` belongs to the ending `tls-alert`, and to no other".to_owned(),
                help: RECORD_AGAIN,
            });
        }
        (EndWord::Open, None) => Ending::Open,
        (EndWord::Fin, None) => Ending::Fin,
        (EndWord::Reset, None) => Ending::Reset,
        (EndWord::TlsTruncated, None) => Ending::TlsTruncated,
        (EndWord::ClientLeft, None) => Ending::ClientLeft,
        (EndWord::Stopped, None) => Ending::Stopped,
    };
    Ok((ending, end))
}

/// What the file says and its bytes do not.
fn contradiction(exchange: &RecordedExchange, whole: bool) -> Option<&'static str> {
    let last = exchange.pieces.last();
    let is_whole = exchange.is_whole();
    match () {
        () if last.is_some_and(|last| last.at > exchange.ended_at) => {
            Some("it ends before its last bytes came")
        }
        () if whole && !is_whole => Some("the answer is said to be whole, and its bytes are not"),
        () if is_whole && !whole => Some("the answer is said to be cut, and its bytes are whole"),
        () if exchange.ending == Ending::Open && !whole => {
            Some("an answer that is not whole cannot leave its connection open")
        }
        () => None,
    }
}

fn earlier(line: usize) -> Damage {
    Damage {
        line,
        message: "it came before the line before it".to_owned(),
        help: RECORD_AGAIN,
    }
}

fn bytes(text: Option<String>, base64: Option<String>, line: usize) -> Result<Vec<u8>, Damage> {
    let message = match (text, base64) {
        (text, None) => return Ok(text.unwrap_or_default().into_bytes()),
        (None, Some(base64)) => match STANDARD.decode(base64) {
            Ok(bytes) => return Ok(bytes),
            Err(error) => format!("`base64` is none: {error}"),
        },
        (Some(_), Some(_)) => "`text` and `base64` are both given".to_owned(),
    };
    Err(Damage {
        line,
        message,
        help: RECORD_AGAIN,
    })
}

fn parsed<T: DeserializeOwned>(text: &[u8], line: usize, help: &'static str) -> Result<T, Damage> {
    serde_json::from_slice(text).map_err(|error| {
        let told = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = told.strip_suffix(&place).unwrap_or(&told);
        Damage {
            line,
            message: format!("column {}: {message}", error.column()),
            help,
        }
    })
}

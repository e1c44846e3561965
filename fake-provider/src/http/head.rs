//! Request heads: found in what has come, however it is split, and understood strictly, because what two readers understand
//! differently is how requests are smuggled. Knows no socket.

use std::mem::MaybeUninit;

use httparse::{Error, ParserConfig, Status};

use super::{Headers, Limits, Request, Why};

/// More header lines than this are never read, whatever the limits say.
pub(super) const HEADERS_MOST: usize = 256;
/// Empty lines before a request are skipped (RFC 9112, section 2.2), but not for ever.
const EMPTY_BEFORE: usize = 16;

/// How the end of a request body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Known(usize),
    Chunked,
}

/// What a head says beyond the request itself.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) request: Request,
    pub(super) length: Length,
    pub(super) expects_continue: bool,
}

pub(super) const fn malformed(message: &'static str) -> Why {
    Why::Malformed {
        status: 400,
        message,
    }
}

pub(super) const TOO_LARGE: Why = Why::Malformed {
    status: 431,
    message: "the request head is too large",
};

/// Looks for a head. Looks at the same bytes again only as they double, so that a peer that sends single bytes costs no more than
/// others.
#[derive(Debug, Default)]
pub(super) struct HeadReader {
    /// How much was searched for an empty line.
    searched: usize,
    /// How much had come when it was last read.
    read: usize,
}

impl HeadReader {
    /// The head and its length, once it has come.
    pub(super) fn look(
        &mut self,
        inbound: &[u8],
        limits: &Limits,
    ) -> Result<Option<(Head, usize)>, Why> {
        // No more is ever looked at, so that what is too long is judged alike however it comes.
        let inbound = &inbound[..inbound.len().min(limits.head_bytes.saturating_add(1))];
        let empty = inbound
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        if empty > EMPTY_BEFORE {
            return Err(malformed("the request is not HTTP/1.1"));
        }
        let whole = self.holds_empty_line(&inbound[empty..]);
        let come = inbound.len();
        let full = come > limits.head_bytes;
        if come > empty && (whole || full || come >= self.read * 2) {
            self.read = come;
            if let Some(found) = parse(inbound, limits)? {
                return Ok(Some(found));
            }
        }
        match full {
            true => Err(TOO_LARGE),
            false => Ok(None),
        }
    }

    /// Whether an empty line has come; what was searched is not searched again.
    fn holds_empty_line(&mut self, bytes: &[u8]) -> bool {
        let from = self.searched.saturating_sub(2).min(bytes.len());
        self.searched = bytes.len();
        let fresh = &bytes[from..];
        let ends = fresh.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let mut followed = ends.map(|(at, _)| &fresh[at + 1..]);
        followed.any(|rest| rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    }
}

fn parse(inbound: &[u8], limits: &Limits) -> Result<Option<(Head, usize)>, Why> {
    let mut room = [const { MaybeUninit::uninit() }; HEADERS_MOST];
    let room = &mut room[..limits.headers.min(HEADERS_MOST)];
    let mut parsed = httparse::Request::new(&mut []);
    let status =
        ParserConfig::default().parse_request_with_uninit_headers(&mut parsed, inbound, room);
    match status {
        Ok(Status::Complete(length)) if length > limits.head_bytes => Err(TOO_LARGE),
        Ok(Status::Complete(length)) => Ok(Some((understand(&parsed)?, length))),
        Ok(Status::Partial) => Ok(None),
        Err(Error::TooManyHeaders) => Err(TOO_LARGE),
        Err(_) => Err(malformed("the request is not HTTP/1.1")),
    }
}

fn understand(parsed: &httparse::Request<'_, '_>) -> Result<Head, Why> {
    let target = parsed.path.unwrap_or_default();
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let chunks = parsed.version == Some(1);
    let connection = one(parsed, "connection").unwrap_or_default();
    let says = |word: &str| {
        let mut parts = connection.as_bytes().windows(word.len());
        parts.any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    let keep_alive = match chunks {
        true => !says("close"),
        false => says("keep-alive"),
    };
    let expects = one(parsed, "expect").unwrap_or_default();
    if chunks && values(parsed, "host").count() != 1 {
        return Err(NO_HOST);
    }
    Ok(Head {
        length: length(parsed)?,
        expects_continue: chunks && expects.eq_ignore_ascii_case("100-continue"),
        request: Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: origin(path)?.to_owned(),
            query: query.to_owned(),
            headers: headers(parsed),
            body: Vec::new(),
            keep_alive,
            chunks,
        },
    })
}

/// The path of a target (RFC 9112, section 3.2). A request to a proxy names the whole address, of which only the path is of interest;
/// one for a tunnel has no path, and there is none to be had.
fn origin(target: &str) -> Result<&str, Why> {
    if target.starts_with('/') || target == "*" {
        return Ok(target);
    }
    match target.split_once("://") {
        Some((_, rest)) => Ok(rest.find('/').map_or("/", |slash| &rest[slash..])),
        None => Err(malformed("the request asks for no path")),
    }
}

pub(super) const UNCLEAR: Why = malformed("the length of the request body is not told clearly");
pub(super) const NO_HOST: Why = malformed("the request does not say which host it is for");

/// RFC 9112, section 6.3. What is told twice, or in two ways, is refused.
fn length(parsed: &httparse::Request<'_, '_>) -> Result<Length, Why> {
    let mut codings = values(parsed, "transfer-encoding");
    let mut lengths = values(parsed, "content-length");
    let told = (codings.next(), lengths.next());
    if codings.next().is_some() || lengths.next().is_some() {
        return Err(UNCLEAR);
    }
    match told {
        (None, None) => Ok(Length::Known(0)),
        (Some(_), None) if parsed.version == Some(0) => Err(UNCLEAR),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Length::Chunked),
        (Some(_), None) => Err(Why::Malformed {
            status: 501,
            message: "the coding of the request body is not known",
        }),
        (None, Some(length)) => digits(length).map(Length::Known),
        (Some(_), Some(_)) => Err(UNCLEAR),
    }
}

/// A number and nothing else: no sign, no list, no white space.
pub(super) fn digits(text: &[u8]) -> Result<usize, Why> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(malformed("the content length is not a number"));
    }
    // More than fits is more than is read.
    let number = std::str::from_utf8(text).ok().map(str::parse);
    Ok(number.and_then(Result::ok).unwrap_or(usize::MAX))
}

/// What is no text in a header is left out of it, since no provider looks at such bytes.
fn headers(parsed: &httparse::Request<'_, '_>) -> Headers {
    let read = &parsed.headers;
    let bytes = { read.iter() }.map(|header| header.name.len() + header.value.len());
    let mut headers = Headers::with_capacity(read.len(), bytes.sum());
    for header in read.iter() {
        headers.push(header.name, String::from_utf8_lossy(header.value).trim());
    }
    headers
}

fn values<'a>(
    parsed: &'a httparse::Request<'_, '_>,
    name: &'static str,
) -> impl Iterator<Item = &'a [u8]> {
    let headers = parsed.headers.iter();
    let named = headers.filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| header.value.trim_ascii())
}

fn one<'a>(parsed: &'a httparse::Request<'_, '_>, name: &'static str) -> Option<&'a str> {
    let value = values(parsed, name).next()?;
    std::str::from_utf8(value).ok()
}

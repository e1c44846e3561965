//! How far an answer of HTTP/1.1 has come (RFC 9112, section 6.3), from its bytes alone, as they arrive. Keeps none of them.

use std::ops::Range;

/// A head may be this long.
const HEAD_MAX: usize = 256 * 1024;
/// A head may have so many header lines.
const HEADERS_MAX: usize = 256;
/// The longest line between chunks.
const LINE_MAX: usize = 16 * 1024;

/// Reads one answer. It is handed the same bytes again and again, each time with more of them.
#[derive(Debug, Clone)]
pub(crate) struct AnswerReader {
    has_no_body: bool,
    state: State,
    /// So many bytes are understood.
    at: usize,
    head: Option<Range<usize>>,
    body: Vec<Range<usize>>,
    closes: bool,
    is_coded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// So many bytes are missing.
    Known(usize),
    ChunkSize,
    Chunk(usize),
    ChunkEnd,
    Trailers,
    UntilTheEnd,
    Whole,
    /// This is not HTTP, or not any more.
    Lost,
}

impl AnswerReader {
    /// For the answer to a request of this method.
    pub(crate) fn new(method: &str) -> Self {
        Self {
            has_no_body: method == "HEAD",
            state: State::Head,
            at: 0,
            head: None,
            body: Vec::new(),
            closes: false,
            is_coded: false,
        }
    }

    /// Looks at what has come; `wire` begins with everything that it has been shown before.
    pub(crate) fn read(&mut self, wire: &[u8]) {
        while self.step(wire) {}
    }

    /// Whether nothing is missing.
    pub(crate) fn is_whole(&self) -> bool {
        self.state == State::Whole
    }

    /// Whether only the connection's end tells that nothing is missing.
    pub(crate) fn ends_with_the_connection(&self) -> bool {
        self.state == State::UntilTheEnd
    }

    /// Whether the server says that it closes the connection afterwards.
    pub(crate) fn closes(&self) -> bool {
        self.closes
    }

    /// Whether the body is compressed, or encoded otherwise.
    pub(crate) fn is_coded(&self) -> bool {
        self.is_coded
    }

    /// Where the head is, once it is there; those of interim answers before it are not counted.
    pub(crate) fn head(&self) -> Option<Range<usize>> {
        self.head.clone()
    }

    /// Where the bytes of the body are, without transfer coding.
    pub(crate) fn body(&self) -> &[Range<usize>] {
        &self.body
    }

    /// One thing more; whether there was anything to understand.
    fn step(&mut self, wire: &[u8]) -> bool {
        let rest = &wire[self.at..];
        match self.state {
            State::Whole => false,
            State::Head => self.read_head(rest),
            State::Known(missing) => match self.take(rest, missing) {
                0 => false,
                taken if taken == missing => self.then(State::Whole),
                taken => self.then(State::Known(missing - taken)),
            },
            State::Chunk(missing) => match self.take(rest, missing) {
                0 => false,
                taken if taken == missing => self.then(State::ChunkEnd),
                taken => self.then(State::Chunk(missing - taken)),
            },
            State::UntilTheEnd | State::Lost => self.take(rest, rest.len()) > 0,
            State::ChunkSize | State::ChunkEnd | State::Trailers => self.read_line(rest),
        }
    }

    fn then(&mut self, state: State) -> bool {
        self.state = state;
        true
    }

    fn take(&mut self, rest: &[u8], at_most: usize) -> usize {
        let taken = rest.len().min(at_most);
        if taken > 0 {
            match self.body.last_mut() {
                Some(last) if last.end == self.at => last.end += taken,
                _ => self.body.push(self.at..self.at + taken),
            }
            self.at += taken;
        }
        taken
    }

    fn read_line(&mut self, rest: &[u8]) -> bool {
        let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") else {
            return rest.len() > LINE_MAX && self.then(State::Lost);
        };
        let line = &rest[..end];
        let next = match self.state {
            State::ChunkSize => match chunk_size(line) {
                Some(0) => State::Trailers,
                Some(size) => State::Chunk(size),
                None => State::Lost,
            },
            State::ChunkEnd if line.is_empty() => State::ChunkSize,
            State::ChunkEnd => State::Lost,
            _ if line.is_empty() => State::Whole,
            other => other,
        };
        if next != State::Lost {
            self.at += end + 2;
        }
        self.then(next)
    }

    fn read_head(&mut self, rest: &[u8]) -> bool {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Response::new(&mut headers);
        let length = match parsed.parse(rest) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if rest.len() <= HEAD_MAX => return false,
            _ => return self.then(State::Lost),
        };
        let status = parsed.code.unwrap_or_default();
        let begin = self.at;
        self.at += length;
        // An interim answer precedes the real one (RFC 9110, section 15.2).
        if (100..200).contains(&status) && status != 101 {
            return true;
        }
        self.head = Some(begin..self.at);
        let next = self.after_head(&parsed);
        let until_the_end = next == State::UntilTheEnd;
        self.closes |= until_the_end;
        self.then(next)
    }

    fn after_head(&mut self, parsed: &httparse::Response<'_, '_>) -> State {
        let connection = header(parsed, "connection").unwrap_or_default();
        self.closes = match parsed.version {
            Some(0) => !connection.contains("keep-alive"),
            _ => connection.contains("close"),
        };
        let coding = header(parsed, "content-encoding").unwrap_or_default();
        self.is_coded = !matches!(coding.as_str(), "" | "identity");
        let length = header(parsed, "content-length").map(|length| length.parse());
        match (parsed.code.unwrap_or_default(), length) {
            (204 | 304, _) => State::Whole,
            _ if self.has_no_body => State::Whole,
            _ if header(parsed, "transfer-encoding").is_some_and(|it| it.ends_with("chunked")) => {
                State::ChunkSize
            }
            (_, Some(Ok(0))) => State::Whole,
            (_, Some(Ok(length))) => State::Known(length),
            (_, Some(Err(_))) => State::Lost,
            (_, None) => State::UntilTheEnd,
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let size = line.split(|byte| *byte == b';').next()?;
    usize::from_str_radix(std::str::from_utf8(size).ok()?.trim(), 16).ok()
}

/// In lower case.
fn header(parsed: &httparse::Response<'_, '_>, name: &str) -> Option<String> {
    let mut headers = parsed.headers.iter();
    let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
    let value = String::from_utf8_lossy(header.value);
    Some(value.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `wire` byte by byte; where the answer was whole, and its body.
    fn read(method: &str, wire: &[u8]) -> (Option<usize>, Vec<u8>, AnswerReader) {
        let mut reader = AnswerReader::new(method);
        let mut whole = None;
        for end in 0..=wire.len() {
            reader.read(&wire[..end]);
            if reader.is_whole() {
                whole.get_or_insert(end);
            }
        }
        let body = { reader.body().iter() }
            .flat_map(|range| wire[range.clone()].to_vec())
            .collect();
        (whole, body, reader)
    }

    #[test]
    fn the_end_is_found_in_every_framing() {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nt: 1\r\n\r\n";
        let (whole, body, reader) = read("POST", chunked);
        assert_eq!((whole, &*body), (Some(chunked.len()), &b"abcde"[..]));
        assert_eq!((reader.head(), reader.closes()), (Some(0..47), false));
        let known = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nab";
        let (whole, body, reader) = read("POST", known);
        assert_eq!((whole, &*body), (Some(known.len()), &b"ab"[..]));
        assert!(reader.closes());
        let until = b"HTTP/1.1 200 OK\r\n\r\nab";
        let (whole, body, reader) = read("POST", until);
        assert_eq!((whole, &*body), (None, &b"ab"[..]));
        assert!(reader.ends_with_the_connection() && reader.closes());
    }

    #[test]
    fn what_has_no_body_is_whole_with_its_head() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        assert_eq!(read("HEAD", head).0, Some(head.len()));
        assert_eq!(read("GET", head).0, None);
        let none = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(read("POST", none).0, Some(none.len()));
    }

    #[test]
    fn an_interim_answer_is_not_the_answer() {
        let both = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let (whole, _, reader) = read("POST", both);
        assert_eq!((whole, reader.head()), (Some(both.len()), Some(28..66)));
    }

    #[test]
    fn what_is_no_http_is_never_whole() {
        let chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc";
        for wire in [&b"\x15\x03\x03garbage"[..], chunk, b""] {
            let (whole, _, reader) = read("POST", wire);
            assert!(whole.is_none() && !reader.ends_with_the_connection());
        }
    }
}

//! What left of an answer: its head, and its body without the transfer coding, cut anywhere. Knows no dialect.

use fault_io::Response;

/// Head and body of an answer, as far as they left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    /// The whole head in lower case; nothing if it was cut.
    head: Option<String>,
    body: Vec<u8>,
}

impl Sent {
    /// Reads the bytes that left.
    pub(crate) fn read(wire: &[u8]) -> Self {
        let Some(end) = find(wire, b"\r\n\r\n") else {
            return Self::default();
        };
        let head = String::from_utf8_lossy(&wire[..end]).to_ascii_lowercase();
        let coded = &wire[end + 4..];
        let body = match head.contains("\r\ntransfer-encoding: chunked") {
            true => dechunked(coded),
            // What comes behind the length that was told is no part of it.
            false => coded[..length(&head).unwrap_or(usize::MAX).min(coded.len())].to_vec(),
        };
        Self {
            head: Some(head),
            body,
        }
    }

    /// The same, read as what was meant to leave: a body of the type in its head, whatever the head that left says, without a
    /// byte order mark, not packed, and with the line ends that it had. None of that changes what is said.
    pub(crate) fn meant_as(mut self, meant: &Response) -> Self {
        let left = self.head.as_deref().unwrap_or_default();
        if left.contains("\r\ncontent-encoding: gzip") {
            self.body = unpacked(&self.body);
        }
        let head = || String::from_utf8_lossy(&meant.head).to_ascii_lowercase();
        self.head = self.head.map(|_| head());
        let mark = "\u{feff}".as_bytes();
        if self.body.starts_with(mark) {
            self.body.drain(..mark.len());
        }
        if !meant.body.contains(&b'\r') && self.body.contains(&b'\r') {
            let body = &self.body;
            let ends = |at: usize| body[at] == b'\r' && body.get(at + 1) == Some(&b'\n');
            let kept = (0..body.len()).filter(|at| !ends(*at));
            self.body = kept.map(|at| body[at]).collect();
        }
        self
    }

    /// The body, as far as it left.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// What stands in the body before each such `end`, and what is behind the last one: with each, whether it has ended.
    pub(crate) fn frames<'a>(&'a self, end: &'a [u8]) -> impl Iterator<Item = (&'a [u8], bool)> {
        let mut rest = Some(self.body());
        std::iter::from_fn(move || {
            let body = rest?;
            let at = find(body, end);
            rest = at.map(|at| &body[at + end.len()..]);
            Some((&body[..at.unwrap_or(body.len())], at.is_some()))
        })
    }

    /// Whether the body is said to be of this type.
    pub(crate) fn is(&self, content_type: &str) -> bool {
        let head = self.head.as_deref().unwrap_or_default();
        let mut lines = head.split("\r\n");
        lines.any(|line| {
            let value = line.strip_prefix("content-type: ");
            value.is_some_and(|value| value.starts_with(content_type))
        })
    }
}

/// The length that a head tells.
fn length(head: &str) -> Option<usize> {
    let mut lines = head.split("\r\n");
    lines.find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
}

/// The data of the chunks, as far as they go.
fn dechunked(coded: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(coded.len());
    let mut rest = coded;
    while let Some(end) = find(rest, b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            break;
        };
        let chunk = &rest[end + 2..];
        data.extend_from_slice(&chunk[..size.min(chunk.len())]);
        rest = chunk.get(size.saturating_add(2)..).unwrap_or_default();
    }
    data
}

/// What a gzip file (RFC 1952) without optional fields has in its stored blocks (RFC 1951, section 3.2.4), as far as they go. Only
/// a fault packs an answer, and it stores.
fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut rest = packed.get(10..).unwrap_or_default();
    while let [0, low, high, _, _, block @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        data.extend_from_slice(&block[..length.min(block.len())]);
        rest = block.get(length..).unwrap_or_default();
    }
    data
}

/// Where `needle` begins in `haystack`.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_as_far_as_they_left() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde";
        let sent = Sent::read(wire);
        assert_eq!(sent.body(), b"abcde");
        assert!(sent.is("text/event-stream") && !sent.is("application/json"));
        assert_eq!(Sent::read(&wire[..40]).body(), b"");
    }

    #[test]
    fn what_was_packed_is_read_as_far_as_it_can_be_unpacked() {
        let mut wire = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
        wire.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        wire.extend_from_slice(b"\0\x02\0\xfd\xffab\0\x01\0\xfe\xffc\x07");
        let read = |wire: &[u8]| Sent::read(wire).meant_as(&Response::default()).body;
        assert_eq!(read(&wire), b"abc");
        // Cut in a block, in its header, in the file's.
        assert_eq!(read(&wire[..wire.len() - 8]), b"a");
        assert_eq!(read(&wire[..wire.len() - 10]), b"");
        assert_eq!(read(&wire[..wire.len() - 20]), b"");
    }

    #[test]
    fn what_means_nothing_is_not_read_where_it_was_not_meant() {
        let read = |body: &str| {
            let wire = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n{body}");
            Sent::read(wire.as_bytes())
        };
        let sent = read("content-length: 8\r\n\r\n\u{feff}a\r\nb\rjunk");
        assert_eq!(sent.body(), "\u{feff}a\r\nb\r".as_bytes());
        let mut meant = Response {
            head: b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n".to_vec(),
            ..Response::default()
        };
        let read = sent.clone().meant_as(&meant);
        assert!(read.is("text/event-stream"));
        assert_eq!(read.body(), b"a\nb\r");
        meant.body = b"a\r\nb".to_vec();
        assert_eq!(sent.meant_as(&meant).body(), b"a\r\nb\r");
    }
}

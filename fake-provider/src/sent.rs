//! What left of an answer: its head, and its body without the transfer coding, cut anywhere. Knows no dialect.

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
            false => coded.to_vec(),
        };
        Self {
            head: Some(head),
            body,
        }
    }

    /// The body, as far as it left.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
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
}

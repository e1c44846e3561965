//! Newline-delimited JSON out of bytes, however the bytes are split. Knows no provider.
//!
//! Source: ollama, docs/api.md, "Streaming responses"; the media type is `application/x-ndjson`.

use serde_json::Value;

use super::items::{EventTooLarge, StreamEvent, StreamItem};

/// Reads one stream, chunk by chunk. Blank lines say nothing.
#[derive(Debug)]
pub(super) struct LineParser {
    limit: usize,
    line: Vec<u8>,
}

impl LineParser {
    /// A parser that refuses a line larger than `limit` bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
        }
    }

    /// Takes the next bytes, and says what they completed.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<StreamItem>, EventTooLarge> {
        let mut items = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                items.extend(item(std::mem::take(&mut self.line)));
            } else {
                self.line.push(byte);
            }
            if self.line.len() > self.limit {
                return Err(EventTooLarge { limit: self.limit });
            }
        }
        Ok(items)
    }

    /// The last line, if it ended without a line feed and is a whole object nevertheless: an object says itself where it ends.
    pub(super) fn rest(&mut self) -> Option<StreamItem> {
        let line = std::mem::take(&mut self.line);
        let whole = serde_json::from_slice::<Value>(&line).is_ok_and(|value| value.is_object());
        whole.then(|| item(line)).flatten()
    }
}

fn item(line: Vec<u8>) -> Option<StreamItem> {
    let blank = line.trim_ascii().is_empty();
    (!blank).then(|| {
        StreamItem::Event(StreamEvent {
            data: line,
            ..StreamEvent::default()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(items: &[StreamItem]) -> Vec<String> {
        let lines = items.iter().filter_map(|item| match item {
            StreamItem::Event(event) => Some(String::from_utf8(event.data.clone()).unwrap()),
            StreamItem::Comment(_) | StreamItem::Stray(_) => None,
        });
        lines.collect()
    }

    #[test]
    fn lines_are_found_however_they_are_split() {
        let text = "{\"a\":1}\r\n\n{\"b\":\"é\"}\n";
        for cut in 0..text.len() {
            let mut parser = LineParser::new(100);
            let mut items = parser.push(&text.as_bytes()[..cut]).unwrap();
            items.extend(parser.push(&text.as_bytes()[cut..]).unwrap());
            assert_eq!(data(&items), ["{\"a\":1}\r", "{\"b\":\"é\"}"], "{cut}");
        }
    }

    #[test]
    fn a_last_line_counts_only_when_it_is_whole_by_itself() {
        for (rest, whole) in [
            ("{\"done\":true}", true),
            ("{\"done\":tr", false),
            ("12", false),
            ("", false),
        ] {
            let mut parser = LineParser::new(100);
            assert_eq!(parser.push(rest.as_bytes()).unwrap(), []);
            assert_eq!(parser.rest().is_some(), whole, "{rest}");
        }
    }

    #[test]
    fn a_line_beyond_the_limit_is_refused() {
        assert_eq!(
            LineParser::new(4).push(b"12345"),
            Err(EventTooLarge { limit: 4 })
        );
    }
}

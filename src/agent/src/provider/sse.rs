//! Server-sent events out of bytes, however the bytes are split. Knows nothing of JSON or of providers.
//!
//! Source: WHATWG HTML, "9.2.6 Interpreting an event stream". Two departures, both stricter: comments are handed on (they
//! are observed, though never progress), and `data` stays bytes, so that broken UTF-8 is an error and not U+FFFD.

use super::items::{EventTooLarge, StreamEvent, StreamItem};

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Reads one stream, chunk by chunk. What is left when the stream ends, without its blank line, is never dispatched.
#[derive(Debug)]
pub(crate) struct SseParser {
    limit: usize,
    line: Vec<u8>,
    /// A CR ended the last line: an LF right after it belongs to it, even in the next chunk.
    after_cr: bool,
    first_line: bool,
    pending: StreamEvent,
    has_data: bool,
    /// Lines that no field begins.
    stray: Vec<u8>,
}

impl SseParser {
    /// A parser that refuses an event larger than `limit` bytes.
    #[must_use]
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            after_cr: false,
            first_line: true,
            pending: StreamEvent::default(),
            has_data: false,
            stray: Vec::new(),
        }
    }

    /// The lines that no field began, the last one even without its end; nothing where there were none.
    pub(super) fn stray(&mut self) -> Option<StreamItem> {
        let last = std::mem::take(&mut self.line);
        if !self.stray.is_empty() || last.starts_with(b"{") || last.starts_with(b"[") {
            self.keep_stray(&last);
        }
        let stray = std::mem::take(&mut self.stray);
        (!stray.is_empty()).then_some(StreamItem::Stray(stray))
    }

    fn keep_stray(&mut self, line: &[u8]) {
        if self.stray.len() + line.len() < self.limit {
            self.stray.extend_from_slice(line);
            self.stray.push(b'\n');
        }
    }

    /// Takes the next bytes, and says what they completed.
    ///
    /// # Errors
    /// An event is larger than the limit; nothing sensible can follow.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<StreamItem>, EventTooLarge> {
        let mut items = Vec::new();
        for &byte in bytes {
            let follows_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if follows_cr => {}
                b'\n' | b'\r' => items.extend(self.end_line()),
                _ => self.line.push(byte),
            }
            if self.line.len() + self.pending.data.len() > self.limit {
                return Err(EventTooLarge { limit: self.limit });
            }
        }
        Ok(items)
    }

    fn end_line(&mut self) -> Option<StreamItem> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if std::mem::replace(&mut self.first_line, false) {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        if let Some(comment) = line.strip_prefix(b":") {
            return Some(StreamItem::Comment(comment.to_vec()));
        }
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        match field {
            b"data" | b"event" | b"id" | b"retry" => {
                self.field(field, value.strip_prefix(b" ").unwrap_or(value));
            }
            _ => self.keep_stray(line),
        }
        None
    }

    fn field(&mut self, field: &[u8], value: &[u8]) {
        match field {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.pending.data.push(b'\n');
                }
                self.pending.data.extend_from_slice(value);
            }
            b"event" => self.pending.event = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => {
                self.pending.id = String::from_utf8_lossy(value).into_owned()
            }
            b"retry" => self.pending.retry = parse_digits(value).or(self.pending.retry),
            _ => {}
        }
    }

    /// Ends an event. Without data there is nothing to dispatch, an `id` line before it or not.
    fn dispatch(&mut self) -> Option<StreamItem> {
        let next = StreamEvent {
            id: self.pending.id.clone(),
            ..StreamEvent::default()
        };
        let event = std::mem::replace(&mut self.pending, next);
        std::mem::replace(&mut self.has_data, false).then_some(StreamItem::Event(event))
    }
}

fn parse_digits(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    digits
        .then(|| std::str::from_utf8(value).ok()?.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(chunks: &[&[u8]]) -> Vec<StreamItem> {
        let mut parser = SseParser::new(1 << 20);
        chunks
            .iter()
            .flat_map(|chunk| parser.push(chunk).unwrap())
            .collect()
    }

    fn data(items: &[StreamItem]) -> Vec<String> {
        let events = items.iter().filter_map(|item| match item {
            StreamItem::Event(event) => Some(String::from_utf8(event.data.clone()).unwrap()),
            StreamItem::Comment(_) | StreamItem::Stray(_) => None,
        });
        events.collect()
    }

    #[test]
    fn every_line_ending_and_spacing_is_read_alike() {
        for text in [
            "data: a\n\ndata: b\n\n",
            "data:a\r\n\r\ndata:b\r\n\r\n",
            "data: a\r\rdata:b\r\r",
        ] {
            assert_eq!(data(&parse(&[text.as_bytes()])), ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn a_cr_at_the_end_of_a_chunk_ends_its_line_at_once_and_swallows_the_lf() {
        let mut parser = SseParser::new(100);
        assert_eq!(data(&parser.push(b"data: a\r\n\r").unwrap()), ["a"]);
        assert_eq!(data(&parser.push(b"\ndata: b\n\n").unwrap()), ["b"]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_field() {
        assert_eq!(data(&parse(&[b"\xEF", b"\xBB", b"\xBFdata: a\n\n"])), ["a"]);
    }

    #[test]
    fn comments_are_told_but_are_no_events() {
        let items = parse(&[b": ping\n\n:\n\ndata: a\n\n"]);
        assert_eq!(items[0], StreamItem::Comment(b" ping".to_vec()));
        assert_eq!(data(&items), ["a"]);
    }

    #[test]
    fn an_id_without_data_dispatches_nothing_and_is_remembered() {
        let items = parse(&[b"id: 7\n\nevent: x\nretry: 10\ndata: a\ndata: b\n\n"]);
        let [StreamItem::Event(event)] = items.as_slice() else {
            panic!("{items:?}")
        };
        assert_eq!(
            (
                event.id.as_str(),
                event.event.as_str(),
                event.retry,
                event.data.as_slice()
            ),
            ("7", "x", Some(10), &b"a\nb"[..])
        );
    }

    #[test]
    fn a_last_event_without_its_blank_line_is_not_dispatched() {
        let mut parser = SseParser::new(100);
        assert_eq!(parser.push(b"data: cut\n").unwrap(), []);
        assert_eq!(parser.push(b"\n").unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_event_is_told_at_the_end() {
        let mut parser = SseParser::new(100);
        parser.push(b"data: a\n\n{\n  \"error\": {}\n}").unwrap();
        let stray = StreamItem::Stray(b"{\n  \"error\": {}\n}\n".to_vec());
        assert_eq!(parser.stray(), Some(stray));
        parser.push(b"data: cut").unwrap();
        assert_eq!(parser.stray(), None);
    }

    #[test]
    fn an_event_beyond_the_limit_is_refused() {
        let mut parser = SseParser::new(8);
        assert_eq!(
            parser.push(b"data: 123456789"),
            Err(EventTooLarge { limit: 8 })
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn how_the_bytes_are_split_changes_nothing(
            text in "(\u{feff})?((data|event|id|retry|x)?(:|: )?[aé🎉0 ]{0,4}(\n|\r|\r\n)){0,12}",
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut start = 0;
            for cut in cuts {
                chunks.push(&bytes[start..cut]);
                start = cut;
            }
            chunks.push(&bytes[start..]);
            prop_assert_eq!(parse(&chunks), parse(&[bytes]));
        }
    }
}

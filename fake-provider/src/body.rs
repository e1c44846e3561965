//! A body that is being written, and remembers where in it everything is. Knows JSON and frames, and no dialect.

use std::fmt;
use std::io::Write as _;

use fault_io::{Frame, Marks, Response};

/// A body under construction.
#[derive(Debug, Default)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    events: usize,
    marks: Marks,
    /// Whether strings are safe inside HTML.
    html: bool,
}

impl Body {
    /// A body with room for so many bytes, which it may exceed.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// A body whose strings have no `<`, `>` and `&` but as escapes, as Go writes JSON.
    pub(crate) fn safe_in_html() -> Self {
        Self {
            html: true,
            ..Self::default()
        }
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Text as it is, put together where it stands.
    pub(crate) fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a vector cannot fail.
        let _ = self.bytes.write_fmt(text);
    }

    /// A frame with what `write` writes: an event of the dialect, which faults can count, or only a piece of the wire.
    pub(crate) fn frame(&mut self, is_event: bool, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        write(self);
        self.events += usize::from(is_event);
        self.frames.push(Frame {
            bytes: start..self.bytes.len(),
            is_event,
        });
    }

    /// A server-sent event without a name, with the data that `write` writes.
    pub(crate) fn event(&mut self, write: impl FnOnce(&mut Self)) {
        self.frame(true, |body| {
            body.raw("data: ");
            write(body);
            body.raw("\n\n");
        });
    }

    /// A server-sent event with a name, with the data that `write` writes.
    pub(crate) fn named_event(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.frame(true, |body| {
            body.raw("event: ");
            body.raw(name);
            body.raw("\ndata: ");
            write(body);
            body.raw("\n\n");
        });
    }

    /// How many bytes were written.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many events were written.
    pub(crate) const fn events(&self) -> usize {
        self.events
    }

    /// A JSON string.
    pub(crate) fn string(&mut self, text: &str) {
        encode(&mut self.bytes, text, self.html, |_, _| {});
    }

    /// A JSON string that is part of the answer's text.
    pub(crate) fn text(&mut self, text: &str) {
        encode(&mut self.bytes, text, self.html, |bytes, decoded| {
            self.marks.text.push_all(bytes, decoded);
        });
    }

    /// A JSON string that is part of the answer's reasoning.
    pub(crate) fn reasoning(&mut self, text: &str) {
        encode(&mut self.bytes, text, self.html, |bytes, decoded| {
            self.marks.reasoning.push_all(bytes, decoded);
        });
    }

    /// A JSON string that is part of the tool calls' arguments.
    pub(crate) fn arguments(&mut self, text: &str) {
        encode(&mut self.bytes, text, self.html, |bytes, decoded| {
            self.marks.arguments.push_all(bytes, decoded);
        });
    }

    /// Arguments that stand in the body as the JSON that they are, and not as text.
    pub(crate) fn bare_arguments(&mut self, json: &str) {
        let start = self.bytes.len();
        self.raw(json);
        self.marks
            .arguments
            .push_all(start..self.bytes.len(), json.len());
    }

    /// What tells the finish reason begins here.
    pub(crate) fn mark_finish(&mut self) {
        self.marks.finish = Some(self.bytes.len());
    }

    /// The terminal marker begins here.
    pub(crate) fn mark_end(&mut self) {
        self.marks.end = Some(self.bytes.len());
    }

    /// The body, its frames and its marks; a body without events is one frame.
    pub(crate) fn into_response(mut self) -> Response {
        if self.frames.is_empty() {
            self.frames.push(Frame {
                bytes: 0..self.bytes.len(),
                is_event: false,
            });
        }
        Response {
            body: self.bytes,
            frames: self.frames,
            marks: self.marks,
            ..Response::default()
        }
    }
}

/// Pieces of at most `bytes` bytes, and at least one character.
pub(crate) fn pieces(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.floor_char_boundary(bytes).max(first.len_utf8());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Writes a JSON string (RFC 8259, section 7) and tells where each run of decoded bytes is. An escape stands for one byte; bytes
/// of longer characters stand for themselves.
fn encode(
    into: &mut Vec<u8>,
    text: &str,
    html: bool,
    mut run_at: impl FnMut(std::ops::Range<usize>, usize),
) {
    into.push(b'"');
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (plain, after) = rest.split_at(plain_bytes(rest, html));
        let start = into.len();
        into.extend_from_slice(plain);
        run_at(start..into.len(), plain.len());
        rest = after;
        if let Some((special, after)) = rest.split_first() {
            let start = into.len();
            escape(into, *special);
            run_at(start..into.len(), 1);
            rest = after;
        }
    }
    into.push(b'"');
}

/// How many bytes at the beginning stand for themselves. Nearly all do, so they are looked at many at a time.
fn plain_bytes(bytes: &[u8], html: bool) -> usize {
    const AT_A_TIME: usize = 32;
    let special = |found, byte: &u8| found | is_escaped(*byte, html);
    let plain = { bytes.chunks(AT_A_TIME) }.take_while(|piece| !piece.iter().fold(false, special));
    let plain = (plain.count() * AT_A_TIME).min(bytes.len());
    let rest = &bytes[plain..];
    let special = rest.iter().position(|byte| is_escaped(*byte, html));
    plain + special.unwrap_or(rest.len())
}

/// `html`: also what a browser could mistake for markup, as Go's encoder does.
const fn is_escaped(byte: u8, html: bool) -> bool {
    let markup = (byte == b'<') | (byte == b'>') | (byte == b'&');
    (byte == b'"') | (byte == b'\\') | (byte < 0x20) | (html & markup)
}

fn escape(into: &mut Vec<u8>, byte: u8) {
    let short: &[u8] = match byte {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        b'\t' => b"\\t",
        _ => {
            // Writing to a vector cannot fail.
            let _ = write!(into, "\\u{byte:04x}");
            return;
        }
    };
    into.extend_from_slice(short);
}

//! A body that is being written, and remembers where in it everything is.

use fault_io::{Frame, Marks, Response};

/// A body under construction.
#[derive(Debug, Default)]
pub(super) struct Body {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    marks: Marks,
}

impl Body {
    /// Bytes as they are.
    pub(super) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A server-sent event with the data that `write` writes.
    pub(super) fn event(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.raw("data: ");
        write(self);
        self.raw("\n\n");
        self.frames.push(Frame {
            bytes: start..self.bytes.len(),
            is_event: true,
        });
    }

    /// A JSON string.
    pub(super) fn string(&mut self, text: &str) {
        encode(&mut self.bytes, text, |_| {});
    }

    /// A JSON string that is part of the answer's text.
    pub(super) fn text(&mut self, text: &str) {
        encode(&mut self.bytes, text, |bytes| self.marks.text.push(bytes));
    }

    /// A JSON string that is part of the tool calls' arguments.
    pub(super) fn arguments(&mut self, text: &str) {
        encode(&mut self.bytes, text, |bytes| {
            self.marks.arguments.push(bytes)
        });
    }

    /// What tells the finish reason begins here.
    pub(super) fn mark_finish(&mut self) {
        self.marks.finish = Some(self.bytes.len());
    }

    /// The terminal marker begins here.
    pub(super) fn mark_end(&mut self) {
        self.marks.end = Some(self.bytes.len());
    }

    /// The body, its frames and its marks; a body without events is one frame.
    pub(super) fn into_response(mut self) -> Response {
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

/// Writes a JSON string (RFC 8259, section 7) and tells where each decoded byte is. An escape stands for one byte; bytes of
/// longer characters stand for themselves.
fn encode(into: &mut Vec<u8>, text: &str, mut byte_at: impl FnMut(std::ops::Range<usize>)) {
    into.push(b'"');
    for byte in text.bytes() {
        let start = into.len();
        match byte {
            b'"' => into.extend_from_slice(b"\\\""),
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            0x00..=0x1f => into.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            other => into.push(other),
        }
        byte_at(start..into.len());
    }
    into.push(b'"');
}

//! Reads a stream of server-sent events from bytes that arrive in any pieces. The runner's own reader: it shares nothing
//! with the agent's, so that both cannot be wrong together. Knows no event's meaning.
//!
//! Source: WHATWG HTML, "Interpreting an event stream".

/// Most bytes of one line, and of the data of one frame; what is longer is cut off there.
const FRAME_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a stream consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The `data` lines of one event, joined.
    Data(String),
    /// A comment, without its colon.
    Comment(String),
}

/// Collects bytes and gives out frames.
#[derive(Debug)]
pub(crate) struct FrameReader {
    most: usize,
    line: Vec<u8>,
    after_cr: bool,
    data: Option<String>,
}

impl Default for FrameReader {
    fn default() -> Self {
        Self {
            most: FRAME_BYTES_MAX,
            line: Vec::new(),
            after_cr: false,
            data: None,
        }
    }
}

impl FrameReader {
    /// Takes more bytes and gives every frame that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in bytes {
            // CR, LF and CR LF each end one line.
            let swallowed = byte == b'\n' && std::mem::take(&mut self.after_cr);
            if swallowed {
                continue;
            }
            self.after_cr = byte == b'\r';
            if matches!(byte, b'\r' | b'\n') {
                let line = std::mem::take(&mut self.line);
                frames.extend(self.line_ended(&line));
            } else if self.line.len() < self.most {
                self.line.push(byte);
            }
        }
        frames
    }

    fn line_ended(&mut self, line: &[u8]) -> Option<Frame> {
        let line = String::from_utf8_lossy(line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if line.is_empty() {
            return self.data.take().map(Frame::Data);
        }
        if let Some(comment) = line.strip_prefix(':') {
            return Some(Frame::Comment(comment.trim_start().to_owned()));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            self.add(value.strip_prefix(' ').unwrap_or(value));
        }
        None
    }

    fn add(&mut self, value: &str) {
        match &mut self.data {
            Some(data) if data.len() + value.len() > self.most => {}
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}data: {\"a\":\"é\"}\r\n\r\n: keepalive\n\nevent: x\ndata:one\rdata: two\r\rid: 7\n\ndata: cut off\n";

    fn data(text: &str) -> Frame {
        Frame::Data(text.to_owned())
    }

    #[test]
    fn frames_do_not_depend_on_how_the_bytes_arrive() {
        let expected = [
            data("{\"a\":\"é\"}"),
            Frame::Comment("keepalive".to_owned()),
            data("one\ntwo"),
        ];
        for size in 1..STREAM.len() {
            let mut reader = FrameReader::default();
            let pieces = STREAM.as_bytes().chunks(size);
            let frames: Vec<_> = pieces.flat_map(|piece| reader.push(piece)).collect();
            assert_eq!(frames, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_frame_without_an_end_is_cut_off() {
        let mut reader = FrameReader {
            most: 10,
            ..FrameReader::default()
        };
        assert_eq!(reader.push("data: 123\n".repeat(100).as_bytes()), []);
        assert_eq!(reader.push(b"\n"), [data("123\n123\n123")]);
        assert_eq!(
            reader.push("data: 1234567890\n\n".as_bytes()),
            [data("1234")]
        );
    }
}

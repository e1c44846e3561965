//! Two small responses in a dialect of their own, for tests.

use crate::keep_alive::KeepAlive;
use crate::response::{Frame, Framing, Marks, Response, Track};

/// A keep-alive of this dialect.
pub(crate) const KEEP_ALIVE: &[u8] = b"{}\n";

/// A stream of six events; each is its own chunk.
pub(crate) fn streamed() -> Response {
    let events = [
        "{\"why\":\"so\"}\n",
        "{\"text\":\"ab\"}\n",
        "{\"text\":\"c\"}\n",
        "{\"args\":{}}\n",
        "{\"finish\":1}\n",
        "{\"end\":1}\n",
    ];
    let mut end = 0;
    let frames = events.iter().map(|event| {
        let start = end;
        end += event.len();
        Frame {
            bytes: start..end,
            is_event: true,
        }
    });
    let frames = frames.collect();
    Response {
        head: b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n".to_vec(),
        frames,
        framing: Framing::Chunked,
        error_event: vec![b"{\"error\":1}\n".to_vec(), b"{\"sorry\":1}\n".to_vec()],
        keep_alive: KeepAlive::unnumbered(KEEP_ALIVE),
        ..marked(events.concat())
    }
}

/// The same as one document.
pub(crate) fn whole() -> Response {
    let body = "{\"why\":\"so\",\"text\":\"abc\",\"args\":{},\"finish\":1}";
    Response {
        head: b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n".to_vec(),
        frames: vec![Frame {
            bytes: 0..body.len(),
            is_event: false,
        }],
        framing: Framing::ContentLength,
        error_event: vec![b"{\"error\":1}".to_vec()],
        ..marked(body.to_owned())
    }
}

/// A body with its marks.
fn marked(body: String) -> Response {
    let place = |text: &str| body.find(text).map(|at| at + text.len());
    Response {
        marks: Marks {
            text: track(["a", "ab", "c"].map(|text| {
                let first = place(&format!("\"text\":\"{text}"));
                first.or_else(|| place("\"text\":\"abc"))
            })),
            reasoning: track(["s", "so"].map(|text| place(&format!("\"why\":\"{text}")))),
            arguments: track(["{", "{}"].map(|text| place(&format!("\"args\":{text}")))),
            finish: body.find("{\"finish").or_else(|| body.find("\"finish")),
            end: body.find("{\"end"),
        },
        body: body.into_bytes(),
        seed: 7,
        ..Response::default()
    }
}

/// A track of bytes that end at these places.
fn track<const N: usize>(ends: [Option<usize>; N]) -> Track {
    let mut track = Track::default();
    for end in ends.into_iter().flatten() {
        track.push(end - 1..end);
    }
    track
}

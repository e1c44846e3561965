//! Two small responses in a dialect of their own, for tests.

use crate::response::{Frame, Framing, Marks, Response, Track};

/// A stream of five events; each is its own chunk.
pub(crate) fn streamed() -> Response {
    let events = [
        "text=ab\n\n",
        "text=c\n\n",
        "args={}\n\n",
        "finish\n\n",
        "end\n\n",
    ];
    let body: String = events.concat();
    let mut end = 0;
    let frames = events.iter().map(|event| {
        let start = end;
        end += event.len();
        Frame {
            bytes: start..end,
            is_event: true,
        }
    });
    Response {
        head: b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n".to_vec(),
        frames: frames.collect(),
        framing: Framing::Chunked,
        marks: Marks {
            text: track([5, 6, 14]),
            arguments: track([22, 23]),
            finish: body.find("finish"),
            end: body.find("end"),
        },
        body: body.into_bytes(),
        ..Response::default()
    }
}

/// The same as one document.
pub(crate) fn whole() -> Response {
    let body = "{text:abc,args:{},finish}";
    Response {
        head: b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n".to_vec(),
        frames: vec![Frame {
            bytes: 0..body.len(),
            is_event: false,
        }],
        framing: Framing::ContentLength,
        marks: Marks {
            text: track([6, 7, 8]),
            arguments: track([15, 16]),
            finish: body.find("finish"),
            end: None,
        },
        body: body.as_bytes().to_vec(),
        ..Response::default()
    }
}

fn track<const N: usize>(places: [usize; N]) -> Track {
    let mut track = Track::default();
    for place in places {
        track.push(place..place + 1);
    }
    track
}

//! Requests as bytes of a connection: read, whole and in pieces.

use crate::http::{Limits, Reading, Request, Step, Why};

/// What is read of a connection: its requests, and why there is no further one.
type Read = (Vec<Request>, Option<Why>);

/// The first byte tells the length of the pieces that the rest comes in. However it is split, it is the same requests, and the same
/// reason why there is no further one; only what has no end yet may be refused sooner or later.
pub(super) fn http(data: &[u8]) {
    let Some((length, bytes)) = data.split_first() else {
        return;
    };
    // Small, so that small inputs come near them.
    let limits = Limits {
        head_bytes: 512,
        headers: 8,
        body_bytes: 256,
        values: 16,
        ..Limits::default()
    };
    let whole = read(bytes, bytes.len().max(1), &limits);
    let pieces = read(bytes, usize::from(*length).max(1), &limits);
    assert_eq!(whole.0, pieces.0);
    if let (Some(why), Some(other)) = (whole.1, pieces.1) {
        assert_eq!(why, other);
    }
    for request in whole.0 {
        assert!(request.body.len() <= limits.body_bytes, "{request:?}");
        assert!(request.headers.len() <= limits.headers, "{request:?}");
        let told = request.path.starts_with('/') || request.path == "*";
        assert!(told, "{request:?}");
    }
}

fn read(bytes: &[u8], length: usize, limits: &Limits) -> Read {
    let body_most = |request: &Request| request.path.len() * 64;
    let mut requests = Vec::new();
    let mut reading = Reading::new(limits, &body_most);
    let mut inbound = Vec::new();
    let mut pieces = bytes.chunks(length);
    loop {
        match reading.advance(&inbound) {
            Err(why) => return (requests, Some(why)),
            Ok((used, step)) => {
                inbound.drain(..used);
                if let Step::Done(request) = step {
                    requests.push(request);
                    reading = Reading::new(limits, &body_most);
                    continue;
                }
            }
        }
        match pieces.next() {
            Some(piece) => inbound.extend_from_slice(piece),
            None => return (requests, None),
        }
    }
}

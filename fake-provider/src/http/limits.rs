//! What a provider puts up with, over HTTP/2 as over HTTP/1.1. Knows no socket.

use std::time::Duration;

/// Bounds of what anybody can make a provider hold, and for how long. Beyond them a request is refused in the provider's shape and its
/// connection ends, or over HTTP/2 its stream; the provider goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's head, over HTTP/2 with 32 more for each field; beyond, 431.
    pub head_bytes: usize,
    /// Header lines of a request; beyond, 431. At most 256 are ever read.
    pub headers: usize,
    /// Bytes of a request's body; beyond, 413, or what the provider says instead. A dialect whose provider takes less takes less.
    pub body_bytes: usize,
    /// Values in a request's JSON, members and elements: each is many times as large in memory as on the wire. Beyond, 413.
    pub values: usize,
    /// From the first byte of a request to the end of its head; beyond, 408, or over HTTP/2 the end of the connection. Generous, since
    /// a simulated clock may jump.
    pub head_within: Duration,
    /// Between two pieces of a request's body; beyond, 408.
    pub body_silence: Duration,
    /// Connections that have not sent a whole head, or of which nothing is asked: beyond, the one that waits longest is closed without a word.
    pub waiting: usize,
    /// Bytes of all requests that are still being received, without the first [`Limits::FREE_BYTES`] of each connection; beyond, 503.
    pub receiving_bytes: usize,
}

impl Limits {
    /// What the requests of a connection may hold, however busy the provider is.
    pub const FREE_BYTES: usize = 64 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            headers: 128,
            body_bytes: 64 * 1024 * 1024,
            values: 1_000_000,
            head_within: Duration::from_secs(120),
            body_silence: Duration::from_secs(120),
            waiting: 16 * 1024,
            receiving_bytes: 256 * 1024 * 1024,
        }
    }
}

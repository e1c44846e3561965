//! What a transport has words for: the one place that decides it, for whoever checks, tells or carries out. Knows no dialect and no
//! socket.

use crate::action::ActionName;
use crate::fault::Fault;
use crate::point::PointName;

/// What an exchange is carried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transport {
    /// Whether it is HTTP/2; else HTTP/1.1.
    pub http2: bool,
    /// Whether it is over TLS.
    pub tls: bool,
}

impl Transport {
    /// The transport that carries all of these faults, if any does: what one of them needs the others have.
    #[must_use]
    pub fn needed_by<'a>(faults: impl Iterator<Item = &'a Fault> + Clone) -> Self {
        let http2 = faults.clone().any(Fault::needs_http2);
        Self {
            http2,
            // Nobody speaks HTTP/2 to a stranger in the clear.
            tls: http2 || { faults }.any(Fault::needs_tls),
        }
    }

    /// Whether `action` means something at `point` over this transport. What is never possible is not asked about again.
    ///
    /// # Errors
    ///
    /// The reason from the protocol why it does not.
    pub const fn allows(self, point: PointName, action: ActionName) -> Result<(), &'static str> {
        use ActionName as A;
        match (point, action) {
            (PointName::Tls, _)
            | (_, A::TlsAlert | A::TlsTruncate | A::ExpiredCertificate | A::WrongName)
                if !self.tls =>
            {
                Err("the connection is not over TLS")
            }
            _ if self.http2 => over_http2(point, action),
            (_, A::Goaway) => Err("HTTP/1.1 has no message that asks a peer to go away"),
            (_, A::ResetStream) => {
                Err("HTTP/1.1 has no streams: resetting an answer resets its connection")
            }
            _ => Ok(()),
        }
    }

    /// Whether there is such a place over this transport.
    ///
    /// # Errors
    ///
    /// The reason from the protocol why there is not.
    pub const fn has_place(self, point: PointName) -> Result<(), &'static str> {
        // What can happen everywhere happens wherever there is a place.
        self.allows(point, ActionName::Close)
    }
}

/// Whether an action means something over HTTP/2. Before a connection has been accepted and secured nobody speaks it yet.
const fn over_http2(point: PointName, action: ActionName) -> Result<(), &'static str> {
    use ActionName as A;
    match (point, action) {
        (PointName::Connect | PointName::Accept | PointName::Tls, _) => Ok(()),
        (PointName::Headers, _) => Err(
            "an HTTP/2 head is compressed, so its bytes cannot be counted (RFC 9113, section 4.3)",
        ),
        (_, A::BadChunk) => Err("HTTP/2 has no chunked transfer coding (RFC 9113, section 8.1)"),
        (_, A::StaleKeepalive) => Err(
            "an HTTP/2 connection is not promised for a next request, which may begin at any time (RFC 9113, section 5); write `at = \"request\", action = \"close\"` for that one",
        ),
        (PointName::Request | PointName::BeforeHeaders | PointName::Idle, A::Garbage | A::Raw) => {
            Err(
                "outside of a body everything is a frame (RFC 9113, section 4.1), so bytes of one's own have no place there; write `before-body`, or `accept`",
            )
        }
        _ => Ok(()),
    }
}

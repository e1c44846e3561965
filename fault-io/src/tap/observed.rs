//! What was seen of a response and of its connection, for whoever judges it.

use journal::How;

use super::{Gap, Tap};
use crate::http2::Frames;
use crate::kernel::{self, KernelState};
use crate::socket::{Sending, Socket};
use crate::tls::Farewell;

/// What was seen of a response and of its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The bytes that the kernel has taken.
    pub wire: Vec<u8>,
    /// The silences, in order; the last one is that since the last byte.
    pub gaps: Vec<Gap>,
    /// How many bytes had left after each write that the kernel took.
    pub writes: Vec<usize>,
    /// How many bytes of the peer's have been read that no earlier exchange has taken.
    pub heard: usize,
    /// How the peer left, if it was seen to.
    pub left: Option<How>,
    /// What the kernel says about the connection now.
    pub kernel: KernelState,
    /// Whether the peer had taken everything before the connection was reset; nothing if it was not.
    pub drained: Option<bool>,
    /// Whether there is a RST on this kind of socket.
    pub can_reset: bool,
    /// What was said about the end in TLS.
    pub farewell: Farewell,
    /// Over HTTP/2, what the frames say that left.
    pub frames: Option<Frames>,
}

impl Tap {
    /// What was seen up to now. The kernel is asked at this moment.
    #[must_use]
    pub fn observe(&self) -> Observed {
        if let Some(stream) = &self.stream {
            return self.observe_stream(stream);
        }
        let mut gaps = self.tally.gaps.clone();
        gaps.push(Gap {
            at: self.tally.sent().len(),
            lasted: self.tally.since(),
        });
        let kernel = self.kernel();
        // A connection that is gone although we still hold it was reset by the peer.
        let reset_by_peer =
            (kernel == KernelState::Gone && self.socket.is_some()).then_some(How::Reset);
        Observed {
            wire: self.seen_to_leave().to_vec(),
            gaps,
            writes: self.tally.writes.clone(),
            heard: self.heard,
            left: self.left.or(reset_by_peer),
            kernel,
            drained: self.drained,
            can_reset: self.addresses.is_some(),
            farewell: self.farewell(),
            frames: None,
        }
    }

    pub(super) fn kernel(&self) -> KernelState {
        let held = self.socket.as_ref().map(Socket::sending);
        match (held, self.addresses) {
            // Nothing but the socket itself is asked here: the table is long where many connections have been.
            (Some(Sending::Allowed), _) => KernelState::Established,
            // The table tells a FIN of ours from a RST of the peer's. Without it nothing is proved, and what is not proved is
            // not delivered.
            (_, Some((local, peer))) => {
                kernel::connection(local, peer).map_or(KernelState::Established, kernel::Row::state)
            }
            // `/proc/net/unix` does not tell which side has shut down.
            (Some(Sending::Shut), None) => KernelState::FinSent,
            (Some(Sending::Broken) | None, None) => KernelState::Gone,
        }
    }
}

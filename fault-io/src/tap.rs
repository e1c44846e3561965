//! The counting tap around a socket: everything goes through it, and it remembers what the kernel took, when, and who ended
//! the connection. Knows nothing of HTTP, and not what was meant to be sent.
//!
//! - `arriving`, `leaving`, `ending`: the three things that happen on a socket; `tally`: what of them is counted
//! - `secure`, `multiplexed`: what differs over TLS and over HTTP/2; `observed`: everything that was seen, for whoever judges it

mod arriving;
mod ending;
mod leaving;
mod multiplexed;
mod observed;
mod secure;
mod tally;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use journal::How;

use crate::http2::Stream;
use crate::socket::Socket;
use crate::tls::Session;
use tally::Tally;

pub use observed::Observed;

/// The peer has left, in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the peer has left")]
pub struct Left(pub How);

/// A socket, and what went through it.
#[derive(Debug)]
pub struct Tap {
    socket: Option<Socket>,
    addresses: Option<(SocketAddr, SocketAddr)>,
    inbound: Vec<u8>,
    /// Bytes that were read since the tally was begun, and those that had come before and nobody had taken.
    heard: usize,
    left: Option<How>,
    drained: Option<bool>,
    /// Over TLS everything here but the kernel's part is about the plaintext.
    tls: Option<Box<Session>>,
    /// Instead of a socket, the way to one that is shared with others.
    stream: Option<Box<Stream>>,
    tally: Tally,
}

/// A silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// After how many bytes.
    pub at: usize,
    /// How long.
    pub lasted: Duration,
}

/// Told that the whole head has left.
pub type OnHead = Box<dyn FnOnce() + Send>;

/// Told what was seen so far.
pub type OnSilence = Box<dyn FnOnce(&Observed) + Send>;

/// Who wants to know of what happens while a response is under way.
#[derive(Default)]
pub struct Watch {
    /// Length of the response's head in bytes.
    pub head: usize,
    /// Called once the whole head has left.
    pub head_left: Option<OnHead>,
    /// Called once the silence of a stall has begun, with what was seen so far.
    pub silent: Option<OnSilence>,
}

impl Tap {
    /// A tap around a socket.
    #[must_use]
    pub fn new(socket: Socket) -> Self {
        Self {
            addresses: socket.addresses(),
            socket: Some(socket),
            inbound: Vec::new(),
            heard: 0,
            left: None,
            drained: None,
            tls: None,
            stream: None,
            tally: Tally::begin(Watch::default()),
        }
    }

    /// Begins to count anew, for the next response.
    pub fn begin(&mut self, watch: Watch) {
        self.heard = self.inbound.len();
        self.tally = Tally::begin(watch);
        if let Some(tls) = &mut self.tls {
            tls.begin();
        }
        if let Some(stream) = &mut self.stream {
            stream.begin();
        }
    }

    /// What has left since [`Tap::begin`].
    #[must_use]
    pub fn sent(&self) -> &[u8] {
        self.tally.sent()
    }

    /// How long it took until the first byte left since [`Tap::begin`]; nothing where none has.
    #[must_use]
    pub fn first_byte_after(&self) -> Option<Duration> {
        let first = self.tally.gaps.first().filter(|gap| gap.at == 0);
        let lasted = first.map_or(Duration::ZERO, |gap| gap.lasted);
        (self.sent_bytes() > 0).then_some(lasted)
    }

    /// How many bytes have left since [`Tap::begin`].
    #[must_use]
    pub fn sent_bytes(&self) -> usize {
        self.tally.len()
    }

    /// What the peer has sent and nobody has taken.
    #[must_use]
    pub fn inbound(&self) -> &[u8] {
        &self.inbound
    }

    /// Takes the first bytes of what the peer has sent.
    pub fn take(&mut self, bytes: usize) -> Vec<u8> {
        let rest = self.inbound.split_off(bytes);
        std::mem::replace(&mut self.inbound, rest)
    }

    /// How the peer left, if it was seen to.
    #[must_use]
    pub fn left(&self) -> Option<How> {
        let stream = self.stream.as_ref();
        self.left
            .or_else(|| stream.and_then(|stream| stream.left()))
    }

    fn open(&self) -> Result<&Socket, Left> {
        // Only a reset of ours takes the socket away, and nothing is sent after that.
        self.socket.as_ref().ok_or(Left(How::Reset))
    }

    /// The connection is broken: a FIN that was seen first stays the reason, anything else is a reset.
    fn lost(&mut self, error: &io::Error) -> Left {
        if self.left.is_none() && error.kind() == io::ErrorKind::BrokenPipe {
            // The peer has closed its reading side; whether it said FIN or RST is still to be read.
            let _ = self.take_in();
        }
        Left(*self.left.get_or_insert(How::Reset))
    }
}

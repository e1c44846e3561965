//! The counting tap around a socket: everything goes through it, and it remembers what the kernel took, when, and who ended
//! the connection. Knows nothing of HTTP, and not what was meant to be sent.

mod multiplexed;
mod secure;
mod tally;

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use journal::How;
use tokio::io::Interest;

use crate::http2::{Frames, Stream};
use crate::kernel::{self, KernelState};
use crate::socket::{READ, Sending, Socket};
use crate::tls::{Farewell, Session};
use tally::Tally;

/// What the peer may send ahead while a response is under way; more stays in the kernel.
const AHEAD: usize = 64 << 10;
/// What the peer has sent and nobody has read is thrown away before a FIN, up to this.
const UNREAD: usize = 1 << 20;
/// How often the kernel's table is looked at without letting time pass, around a reset. The peer's kernel delays an
/// acknowledgement by up to 40 ms, which no simulated clock can wait for.
const DRAIN_LOOKS: u32 = 20_000;
/// After that, how often with a pause of [`DRAIN_PAUSE`]: for a peer that reads slowly.
const DRAIN_PAUSES: u32 = 400;
/// See [`DRAIN_PAUSES`].
const DRAIN_PAUSE: Duration = Duration::from_millis(5);

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

    /// Waits for more bytes of the peer; over a stream, or for the end of what it sends.
    ///
    /// # Errors
    ///
    /// The peer leaves instead.
    pub async fn read(&mut self) -> Result<(), Left> {
        if self.is_stream() {
            return self.read_stream().await;
        }
        while !self.take_in()? {
            let socket = self.open()?;
            let ready = socket.ready(Interest::READABLE).await;
            ready.map_err(|error| self.lost(&error))?;
        }
        Ok(())
    }

    /// Waits for more bytes of the peer, and takes no more than so many; over a stream whole frames.
    ///
    /// # Errors
    ///
    /// The peer leaves instead.
    pub async fn read_at_most(&mut self, bytes: usize) -> Result<(), Left> {
        if self.is_stream() {
            return self.read_stream().await;
        }
        while !self.take_in_at_most(bytes)? {
            let ready = self.open()?.ready(Interest::READABLE).await;
            ready.map_err(|error| self.lost(&error))?;
        }
        Ok(())
    }

    /// Sends all of these bytes. What has left is counted even when this future is dropped.
    ///
    /// # Errors
    ///
    /// The peer leaves first.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Left> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(taken) = self.write(rest).await? {
                self.tally.count(&rest[..taken]);
                rest = &rest[taken..];
            }
        }
        Ok(())
    }

    /// Sends all of these bytes, which are counted and not kept.
    ///
    /// # Errors
    ///
    /// The peer leaves first.
    pub(crate) async fn send_uncopied(&mut self, bytes: &[u8]) -> Result<(), Left> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(taken) = self.write(rest).await? {
                self.tally.count_uncopied(taken);
                rest = &rest[taken..];
            }
        }
        Ok(())
    }

    /// Sends a part of a buffer, of which nothing is copied. What has left is counted even when this future is dropped.
    ///
    /// # Errors
    ///
    /// The peer leaves first.
    pub(crate) async fn send_shared(
        &mut self,
        source: &Bytes,
        part: Range<usize>,
    ) -> Result<(), Left> {
        let mut sent = part.start;
        while sent < part.end {
            if let Some(taken) = self.write(&source[sent..part.end]).await? {
                self.tally.count_shared(source, sent..sent + taken);
                sent += taken;
            }
        }
        Ok(())
    }

    /// Lets the kernel take what it can, over TLS one record; nothing if it was worth another try.
    async fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>, Left> {
        if let Some(stream) = &mut self.stream {
            let (sent, head) = (self.tally.len(), self.tally.watch.head);
            return stream.write(bytes, sent, head).await.map(Some);
        }
        match self.tls {
            None => self.push(bytes).await,
            Some(_) => self.write_sealed(bytes).await.map(Some),
        }
    }

    /// Lets the kernel take what it can of these very bytes; nothing if it was worth another try.
    async fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, Left> {
        self.notice()?;
        let attempt = self.open()?.try_write(bytes);
        match attempt {
            Ok(taken) => Ok(Some(taken)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let interest = match self.inbound.len() {
                    ..AHEAD => Interest::READABLE | Interest::WRITABLE,
                    _ => Interest::WRITABLE,
                };
                let ready = self.open()?.ready(interest).await;
                ready.map_err(|error| self.lost(&error))?;
                Ok(None)
            }
            Err(error) => Err(self.lost(&error)),
        }
    }

    /// Sends nothing for so long, or until the peer leaves.
    ///
    /// # Errors
    ///
    /// The peer leaves first.
    pub async fn silence(&mut self, lasting: Option<Duration>) -> Result<(), Left> {
        let over = async {
            match lasting {
                Some(lasting) => tokio::time::sleep(lasting).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            left = self.peer_leaves() => Err(left),
            () = over => Ok(()),
        }
    }

    /// Tells whoever watches that the silence of a stall has begun.
    pub(crate) fn tell_silent(&mut self) {
        if let Some(silent) = self.tally.watch.silent.take() {
            silent(&self.observe());
        }
    }

    /// Waits until the peer leaves; what it sends meanwhile is kept, up to a bound.
    pub(crate) async fn peer_leaves(&mut self) -> Left {
        if let Some(stream) = &mut self.stream {
            return stream.peer_leaves().await;
        }
        loop {
            if self.inbound.len() >= AHEAD {
                pending::<()>().await;
            }
            if let Err(left) = self.read().await {
                return left;
            }
        }
    }

    /// Waits until the peer leaves, and throws away whatever it sends meanwhile.
    pub(crate) async fn peer_leaves_unheard(&mut self) -> Left {
        if let Some(stream) = &mut self.stream {
            return stream.peer_leaves().await;
        }
        loop {
            if let Err(left) = self.read().await {
                return left;
            }
            self.inbound.clear();
        }
    }

    /// Sends the FIN, over TLS after a `close_notify`. The descriptor stays until the tap is dropped, so that the kernel can be
    /// asked.
    pub fn finish(&mut self) {
        self.notify();
        self.shut();
    }

    /// Sends the FIN, whatever it is called over TLS.
    pub(crate) fn shut(&mut self) {
        let Some(socket) = &self.socket else { return };
        // What the peer sent and nobody has read would turn the close into a RST.
        socket.discard(UNREAD);
        if let Err(error) = socket.shutdown_write() {
            self.lost(&error);
        }
    }

    /// Waits until the peer's kernel has taken everything, then sends a RST. On a Unix socket, which has none, a FIN.
    pub async fn reset(&mut self) {
        if let Some(stream) = &mut self.stream {
            // A peer that has left meanwhile is seen by whoever looks.
            let _ = stream.reset_connection().await;
            return;
        }
        self.drained = Some(self.drain().await);
        match self.socket.take() {
            // Without a linger time the kernel throws the queue away and sends a RST as the last owner closes.
            Some(Socket::Tcp(stream)) => {
                drop(stream.set_zero_linger());
                drop(stream);
                self.vanish().await;
            }
            Some(unix) => {
                self.socket = Some(unix);
                self.finish();
            }
            None => {}
        }
    }

    /// Waits, with a bound, until the connection is gone. We may not be its last owner for a moment: a process that another
    /// thread is just starting holds every descriptor of ours between its fork and its exec.
    async fn vanish(&mut self) {
        for look in 0..DRAIN_LOOKS + DRAIN_PAUSES {
            if self.kernel() == KernelState::Gone {
                return;
            }
            pause(look).await;
        }
    }

    /// Waits, with a bound, until the peer's kernel has acknowledged every byte. Whether it has.
    pub async fn drain(&mut self) -> bool {
        let Some((local, peer)) = self.addresses else {
            return true;
        };
        for look in 0..DRAIN_LOOKS + DRAIN_PAUSES {
            match kernel::connection(local, peer) {
                Ok(Some(row)) if row.send_queue > 0 => {}
                Ok(Some(_)) => return true,
                // We still hold the socket, so nobody but the peer can have ended the connection.
                Ok(None) => {
                    self.left = self.left.or(Some(How::Reset));
                    return false;
                }
                Err(_) => return false,
            }
            pause(look).await;
        }
        false
    }

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

    fn kernel(&self) -> KernelState {
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

    /// Takes what has arrived, without waiting. Whether anything had.
    fn take_in(&mut self) -> Result<bool, Left> {
        self.take_in_at_most(READ)
    }

    fn take_in_at_most(&mut self, bytes: usize) -> Result<bool, Left> {
        if let Some(left) = self.left {
            return Err(Left(left));
        }
        if self.tls.is_some() {
            return self.take_in_sealed(bytes.min(READ));
        }
        let Some(socket) = &self.socket else {
            return Err(Left(How::Reset));
        };
        match socket.try_read(&mut self.inbound, bytes) {
            Ok(0) => {
                self.left = Some(How::Fin);
                Err(Left(How::Fin))
            }
            Ok(read) => {
                self.heard += read;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(self.lost(&error)),
        }
    }

    /// Notices that the peer has left, without waiting.
    fn notice(&mut self) -> Result<(), Left> {
        while self.inbound.len() < AHEAD && self.take_in()? {}
        Ok(())
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

/// Between two looks at the kernel's table: at first without letting time pass, then with a pause.
async fn pause(look: u32) {
    if look < DRAIN_LOOKS {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(DRAIN_PAUSE).await;
    }
}

//! The two kinds of socket that a provider can be reached over, as one. Knows nothing of HTTP or of faults.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr};

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::{TcpStream, UnixStream};

/// Most bytes that are read at once: more than nearly every request, and little enough to be free.
pub(crate) const READ: usize = 4 * 1024;

/// An accepted connection. It is the only owner of its descriptor, so dropping it closes the connection.
#[derive(Debug)]
pub enum Socket {
    /// Over TCP, with Nagle's algorithm off.
    Tcp(TcpStream),
    /// Over a Unix socket. There is no RST on these.
    Unix(UnixStream),
}

impl Socket {
    /// A TCP connection; small writes leave at once from here on (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// The kernel refuses the option, because the connection is gone already.
    pub fn tcp(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream))
    }

    /// Both addresses of a TCP connection, ours first.
    #[must_use]
    pub fn addresses(&self) -> Option<(SocketAddr, SocketAddr)> {
        match self {
            Self::Tcp(stream) => Some((stream.local_addr().ok()?, stream.peer_addr().ok()?)),
            Self::Unix(_) => None,
        }
    }

    /// Waits until the socket may be read or written, as `interest` says.
    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.ready(interest).await.map(drop),
            Self::Unix(stream) => stream.ready(interest).await.map(drop),
        }
    }

    /// Appends what has arrived, up to so many bytes and to [`READ`].
    ///
    /// A read that brings less than there was room for has emptied the socket. The runtime is told so in the same breath, as its
    /// own readers do, or the next look would ask the kernel in vain; what arrives after the read makes the socket ready anew.
    pub(crate) fn try_read(&self, into: &mut Vec<u8>, at_most: usize) -> io::Result<usize> {
        let mut got = None;
        let mut read = || {
            // What is kept is only as large as what came: this much is needed for as long as the read takes.
            let mut room = [0; READ];
            let room = &mut room[..at_most.min(READ)];
            let read = (&*self.kernel_socket()).read(room)?;
            into.extend_from_slice(&room[..read]);
            got = Some(read);
            match read > 0 && read < room.len() {
                true => Err(io::ErrorKind::WouldBlock.into()),
                false => Ok(()),
            }
        };
        let told = match self {
            Self::Tcp(stream) => stream.try_io(Interest::READABLE, &mut read),
            Self::Unix(stream) => stream.try_io(Interest::READABLE, &mut read),
        };
        match got {
            Some(read) => Ok(read),
            None => told.and(Err(io::ErrorKind::WouldBlock.into())),
        }
    }

    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            Self::Unix(stream) => stream.try_write(bytes),
        }
    }

    /// Sends the FIN and keeps the descriptor, so that the kernel can still be asked about it.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        self.kernel_socket().shutdown(Shutdown::Write)
    }

    /// Reads what has arrived and throws it away, up to a bound, past any notion of readiness.
    pub(crate) fn discard(&self, at_most: usize) {
        let socket = self.kernel_socket();
        let mut buffer = [0; 16 * 1024];
        let mut discarded = 0;
        while discarded < at_most {
            match (&*socket).read(&mut buffer) {
                Ok(read @ 1..) => discarded += read,
                _ => return,
            }
        }
    }

    /// What the kernel answers to sending nothing at all: it refuses even that after a FIN.
    pub(crate) fn sending(&self) -> Sending {
        match self.kernel_socket().send(&[]) {
            Ok(_) => Sending::Allowed,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sending::Allowed,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Sending::Shut,
            Err(_) => Sending::Broken,
        }
    }

    fn kernel_socket(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(stream) => SockRef::from(stream),
            Self::Unix(stream) => SockRef::from(stream),
        }
    }
}

/// Whether the kernel would send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// The connection is open on our side.
    Allowed,
    /// Our FIN is out, or the peer has closed what it reads from.
    Shut,
    /// The connection is broken.
    Broken,
}

impl From<UnixStream> for Socket {
    fn from(stream: UnixStream) -> Self {
        Self::Unix(stream)
    }
}

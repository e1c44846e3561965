//! Where the gateway listens: loopback TCP or a Unix socket, alike to everything behind it. Knows no HTTP.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

/// A bound socket that connections are accepted from.
#[derive(Debug)]
pub enum Listener {
    /// TCP. Nagle's algorithm is switched off on what it accepts: events are small and late ones are wrong.
    Tcp(TcpListener),
    /// A Unix socket, as virtual time uses it.
    Unix(UnixListener),
}

/// One accepted connection.
pub(super) type Accepted = Either<TcpStream, UnixStream>;

impl Listener {
    /// The TCP address that was really bound, if it is TCP.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    /// Waits for the next connection. Cancelling it loses none.
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Either::Left(stream))
            }
            Self::Unix(listener) => Ok(Either::Right(listener.accept().await?.0)),
        }
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Self {
        Self::Unix(listener)
    }
}

//! The listener: it can be shut, so that connections are refused, and opened again at the same address. Knows no HTTP.
//!
//! Every operation takes effect before it returns: whoever shuts the door knows that the next connection is refused.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use fault_io::Socket;
use tokio::net::{TcpListener, TcpSocket, UnixListener};

use crate::options::Listen;

/// Connections that may wait to be accepted; more than any target opens at once.
const BACKLOG: u32 = 4096;

/// A listener at a fixed address.
#[derive(Debug)]
pub(crate) struct Door {
    address: Address,
    state: Mutex<State>,
}

#[derive(Debug)]
enum Address {
    Tcp {
        address: SocketAddr,
        /// Bound and never listening: it keeps the port ours while the door is shut. Connections to it are refused.
        _reservation: TcpSocket,
    },
    Unix(PathBuf),
}

#[derive(Debug)]
struct State {
    listener: Option<Listener>,
    /// Whoever waits for a connection; woken when the door opens.
    waiting: Option<Waker>,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Door {
    /// Takes the address and opens the door.
    pub(crate) fn open_at(listen: Listen) -> io::Result<Self> {
        let door = Self::shut_at(listen)?;
        door.open()?;
        Ok(door)
    }

    /// Takes the address and leaves the door shut: connections are refused. A Unix path is only taken as the door opens.
    pub(crate) fn shut_at(listen: Listen) -> io::Result<Self> {
        let address = match listen {
            Listen::Unix(path) => Address::Unix(path),
            Listen::Tcp(address) => {
                let reservation = bind(address)?;
                Address::Tcp {
                    address: reservation.local_addr()?,
                    _reservation: reservation,
                }
            }
        };
        let state = State {
            listener: None,
            waiting: None,
        };
        Ok(Self {
            address,
            state: Mutex::new(state),
        })
    }

    /// The TCP address, if it is one.
    pub(crate) fn tcp_address(&self) -> Option<SocketAddr> {
        match &self.address {
            Address::Tcp { address, .. } => Some(*address),
            Address::Unix(_) => None,
        }
    }

    /// The path of the Unix socket, if it is one.
    pub(crate) fn unix_path(&self) -> Option<&std::path::Path> {
        match &self.address {
            Address::Unix(path) => Some(path),
            Address::Tcp { .. } => None,
        }
    }

    /// Whether connections are accepted.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().listener.is_some()
    }

    /// Refuses connections from here on. Whether the door was open.
    pub(crate) fn shut(&self) -> bool {
        let was_open = self.lock().listener.take().is_some();
        if was_open && let Address::Unix(path) = &self.address {
            // A path that somebody else has removed refuses as well.
            drop(std::fs::remove_file(path));
        }
        was_open
    }

    /// Accepts connections again. Whether the door was shut.
    pub(crate) fn open(&self) -> io::Result<bool> {
        let mut state = self.lock();
        if state.listener.is_some() {
            return Ok(false);
        }
        state.listener = Some(self.address.listen()?);
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        Ok(true)
    }

    /// The next connection; waits while the door is shut.
    pub(crate) fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        let mut state = self.lock();
        state.waiting = Some(context.waker().clone());
        match &state.listener {
            None => Poll::Pending,
            Some(Listener::Tcp(listener)) => listener
                .poll_accept(context)
                .map(|accepted| Socket::tcp(accepted?.0)),
            Some(Listener::Unix(listener)) => listener
                .poll_accept(context)
                .map_ok(|(stream, _)| Socket::from(stream)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shut();
    }
}

impl Address {
    fn listen(&self) -> io::Result<Listener> {
        match self {
            Self::Tcp { address, .. } => bind(*address)?.listen(BACKLOG).map(Listener::Tcp),
            Self::Unix(path) => UnixListener::bind(path).map(Listener::Unix),
        }
    }
}

/// `SO_REUSEADDR`, so that the same port can be taken again while old connections are in `TIME_WAIT`.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_shut_door_refuses_and_opens_again_at_the_same_port() {
        let door = Door::open_at(Listen::loopback()).expect("listens");
        let address = door.tcp_address().expect("is TCP");
        let (accepted, connected) = tokio::join!(
            poll_fn(|context| door.poll_accept(context)),
            TcpStream::connect(address)
        );
        drop((accepted.expect("accepts"), connected.expect("connects")));

        assert!(door.shut());
        assert!(!door.shut());
        let refused = TcpStream::connect(address).await.expect_err("is refused");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

        assert!(door.open().expect("opens"));
        TcpStream::connect(address).await.expect("connects again");
    }

    #[tokio::test]
    async fn a_shut_unix_door_refuses_and_opens_again_at_the_same_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("provider");
        let door = Door::open_at(Listen::Unix(path.clone())).expect("listens");
        door.shut();
        assert!(tokio::net::UnixStream::connect(&path).await.is_err());
        assert!(door.open().expect("opens"));
        tokio::net::UnixStream::connect(&path)
            .await
            .expect("connects again");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_an_error() {
        let first = Door::open_at(Listen::loopback()).expect("listens");
        let address = first.tcp_address().expect("is TCP");
        let taken = Door::open_at(Listen::Tcp(address)).expect_err("is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}

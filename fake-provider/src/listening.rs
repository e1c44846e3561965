//! A listener and the connections that came through it, until it is told to end. Knows HTTP's bounds, and nothing else of it.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fault_io::{Socket, Tap};
use rustix::io::Errno;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::door::Door;
use crate::http::{Limits, Reception, Seat};
use crate::options::Listen;

/// A kernel that is out of descriptors refuses at once: without a pause it would be asked for ever, and nobody else runs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(5);

/// So long somebody may go on sending who was refused.
const LINGER: Duration = Duration::from_secs(2);

/// What listens. Dropping it ends it, without waiting.
#[derive(Debug)]
pub(crate) struct Listening {
    door: Arc<Door>,
    ending: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Accepts connections from here on, each in a task of its own, which has to end once `ending` is cancelled.
    pub(crate) fn start<Served>(
        listen: Listen,
        ending: CancellationToken,
        serve: impl Fn(Socket, Seat) -> Served + Send + 'static,
    ) -> io::Result<Self>
    where
        Served: Future<Output = ()> + Send + 'static,
    {
        let door = Arc::new(Door::open_at(listen)?);
        let tasks = TaskTracker::new();
        tasks.spawn(accept(
            (Arc::clone(&door), ending.clone()),
            tasks.clone(),
            serve,
        ));
        Ok(Self {
            door,
            ending,
            tasks,
        })
    }

    /// Scheme, host and port. Over a Unix socket the host means nothing.
    pub(crate) fn root_url(&self, secure: bool) -> String {
        let scheme = if secure { "https" } else { "http" };
        match self.local_addr() {
            Some(address) => format!("{scheme}://{address}"),
            None => format!("{scheme}://localhost"),
        }
    }

    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        self.door.tcp_address()
    }

    pub(crate) fn unix_socket(&self) -> Option<&Path> {
        self.door.unix_path()
    }

    /// Closes the listener and every connection, and waits for every task.
    pub(crate) async fn shutdown(&self) {
        self.ending.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

/// Accepts until the end.
async fn accept<Served>(
    (door, over): (Arc<Door>, CancellationToken),
    connections: TaskTracker,
    serve: impl Fn(Socket, Seat) -> Served,
) where
    Served: Future<Output = ()> + Send + 'static,
{
    let reception = Reception::new(Limits::default());
    loop {
        let accepted = tokio::select! {
            biased;
            () = over.cancelled() => break,
            accepted = poll_fn(|context| door.poll_accept(context)) => accepted,
        };
        match accepted {
            Ok(socket) => drop(connections.spawn(serve(socket, reception.seat()))),
            // The peer was gone before it was accepted, or descriptors have run out, and whoever only waits gives way.
            Err(error) => {
                let full = [Errno::MFILE, Errno::NFILE].map(|full| Some(full.raw_os_error()));
                if full.contains(&error.raw_os_error()) {
                    reception.make_room();
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    door.shut();
}

/// Lets a peer that is still sending read why it was refused: closed with its bytes unread, the connection would be reset, and the
/// peer's kernel would throw the answer away.
pub(crate) async fn linger(tap: &mut Tap) {
    let gone = async {
        while tap.read().await.is_ok() {
            let arrived = tap.inbound().len();
            tap.take(arrived);
        }
    };
    // Whoever does not leave in time is left.
    let _ = tokio::time::timeout(LINGER, gone).await;
}

//! How our side of a connection is ended, and that the peer's kernel had taken everything before. Knows no response.

use std::time::Duration;

use journal::How;

use super::Tap;
use crate::kernel::{self, KernelState};
use crate::socket::Socket;

/// What the peer has sent and nobody has read is thrown away before a FIN, up to this.
const UNREAD: usize = 1 << 20;
/// How often the kernel's table is looked at without letting time pass, around a reset. The peer's kernel delays an
/// acknowledgement by up to 40 ms, which no simulated clock can wait for.
const DRAIN_LOOKS: u32 = 20_000;
/// After that, how often with a pause of [`DRAIN_PAUSE`]: for a peer that reads slowly.
const DRAIN_PAUSES: u32 = 400;
/// See [`DRAIN_PAUSES`].
const DRAIN_PAUSE: Duration = Duration::from_millis(5);

impl Tap {
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
    pub(super) async fn vanish(&mut self) {
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
}

/// Between two looks at the kernel's table: at first without letting time pass, then with a pause.
async fn pause(look: u32) {
    if look < DRAIN_LOOKS {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(DRAIN_PAUSE).await;
    }
}

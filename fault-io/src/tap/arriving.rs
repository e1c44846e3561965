//! What comes from the peer: its bytes, and that it leaves. Knows nothing of what is sent.

use std::future::pending;
use std::io;

use journal::How;
use tokio::io::Interest;

use super::{Left, Tap};
use crate::socket::READ;

/// What the peer may send ahead while a response is under way; more stays in the kernel.
pub(super) const AHEAD: usize = 64 << 10;

impl Tap {
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

    /// Takes what has arrived, without waiting. Whether anything had.
    pub(super) fn take_in(&mut self) -> Result<bool, Left> {
        self.take_in_at_most(READ)
    }

    pub(super) fn take_in_at_most(&mut self, bytes: usize) -> Result<bool, Left> {
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
    pub(super) fn notice(&mut self) -> Result<(), Left> {
        while self.inbound.len() < AHEAD && self.take_in()? {}
        Ok(())
    }
}

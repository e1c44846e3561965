//! What is sent, and the silences between: every byte is counted as the kernel takes it, even where nobody waits for the rest.

use std::future::pending;
use std::io;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::Interest;

use super::arriving::AHEAD;
use super::{Left, Tap};

impl Tap {
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
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>, Left> {
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
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, Left> {
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
}

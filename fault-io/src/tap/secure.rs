//! The tap of a connection over TLS: what goes through it is plaintext, and what the kernel takes are records. Knows no fault.

use std::io;

use bytes::Bytes;
use journal::How;

use super::{Left, Tap};
use crate::socket::READ;
use crate::socket::Socket;
use crate::tls::{Farewell, Identity, Session, TlsVersion, Unusable};

impl Tap {
    /// Begins to speak TLS, as this identity. What the peer has already sent is the beginning of its handshake.
    ///
    /// # Errors
    ///
    /// The identity is of no use.
    pub fn secure(&mut self, identity: &Identity) -> Result<(), Unusable> {
        self.tls = Some(Box::new(Session::new(identity)?));
        Ok(())
    }

    /// Carries out the handshake of [`Tap::secure`], to the end of it.
    ///
    /// # Errors
    ///
    /// The peer leaves, refuses, or speaks no TLS that we understand.
    pub async fn shake_hands(&mut self) -> Result<(), Left> {
        let hello = std::mem::take(&mut self.inbound);
        self.heard = 0;
        self.hear(&hello)?;
        while self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
            // Before waiting everything that is asked of the peer has to have left.
            let arrived = self.take_in()?;
            self.flush().await?;
            if !arrived && self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
                let ready = self.open()?.ready(tokio::io::Interest::READABLE).await;
                ready.map_err(|error| self.lost(&error))?;
            }
        }
        self.flush().await
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// The certificate that has left in the handshake, in DER, as it is read from the records.
    #[must_use]
    pub fn shown_certificate(&self) -> Option<&[u8]> {
        self.tls.as_ref()?.records().certificate()
    }

    /// The version of TLS that is spoken, as it is read from the records that have left.
    #[must_use]
    pub fn tls_version(&self) -> Option<TlsVersion> {
        self.tls.as_ref()?.records().version()
    }

    /// The alert with which the peer has refused to go on.
    #[must_use]
    pub fn refused_with(&self) -> Option<u8> {
        self.tls.as_ref()?.refused()
    }

    /// Ends our side in good order.
    pub(crate) async fn say_goodbye(&mut self) -> Result<(), Left> {
        if let Some(stream) = &mut self.stream {
            return stream.finish().await;
        }
        if let Some(tls) = &mut self.tls {
            tls.seal_close_notify();
            self.flush().await?;
        }
        self.shut();
        Ok(())
    }

    /// Ends our side with a fatal alert.
    pub(crate) async fn alert(&mut self, description: u8) -> Result<(), Left> {
        if let Some(stream) = &mut self.stream {
            return stream.alert(description).await;
        }
        self.flush().await?;
        if let Some(tls) = &mut self.tls {
            tls.seal_alert(description);
            self.flush().await?;
        }
        self.shut();
        Ok(())
    }

    /// Says `close_notify`, if the kernel takes it at once and nothing has ended the connection before.
    pub(super) fn notify(&mut self) {
        let (Some(socket), Some(tls)) = (&self.socket, &mut self.tls) else {
            return;
        };
        tls.seal_close_notify();
        push_out(socket, tls);
    }

    /// Says why it does not go on, if the kernel takes it at once.
    fn complain(&mut self) {
        if let (Some(socket), Some(tls)) = (&self.socket, &mut self.tls) {
            push_out(socket, tls);
        }
    }

    /// Seals as much as goes into one record, and sends it.
    pub(super) async fn write_sealed(&mut self, bytes: &[u8]) -> Result<usize, Left> {
        self.notice()?;
        self.flush().await?;
        let Some(tls) = &mut self.tls else {
            return Ok(0);
        };
        let sealed = tls.seal(bytes).map_err(|error| self.lost(&error))?;
        self.flush().await?;
        Ok(sealed)
    }

    /// What has left, as far as anybody can read it.
    pub(crate) fn seen_to_leave(&self) -> &[u8] {
        match &self.tls {
            Some(tls) => tls.records().plaintext(),
            None => self.tally.sent(),
        }
    }

    pub(super) fn farewell(&self) -> Farewell {
        let tls = self.tls.as_ref();
        tls.map_or(Farewell::Plain, |tls| tls.records().farewell())
    }

    /// Takes what has arrived, without waiting. Whether any of it was plaintext.
    pub(super) fn take_in_sealed(&mut self, at_most: usize) -> Result<bool, Left> {
        loop {
            let Some(tls) = &mut self.tls else {
                return Ok(false);
            };
            let read = tls.read(&mut self.inbound, at_most);
            if read > 0 {
                self.heard += read;
                return Ok(true);
            }
            if tls.peer_is_done() {
                self.left = Some(How::Fin);
                return Err(Left(How::Fin));
            }
            let mut sealed = Vec::new();
            match self.open()?.try_read(&mut sealed, READ) {
                Ok(0) => {
                    self.left = Some(How::Fin);
                    return Err(Left(How::Fin));
                }
                Ok(_) => self.hear(&sealed)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Gives TLS what has arrived. A peer that says anything else has left, for all that can be said to it.
    fn hear(&mut self, sealed: &[u8]) -> Result<(), Left> {
        let Some(tls) = &mut self.tls else {
            return Ok(());
        };
        if tls.accept(sealed).is_ok() {
            return Ok(());
        }
        self.complain();
        Err(Left(*self.left.get_or_insert(How::Fin)))
    }

    /// Waits until the kernel has taken every record.
    async fn flush(&mut self) -> Result<(), Left> {
        loop {
            let outgoing = self
                .tls
                .as_mut()
                .map_or_else(Bytes::new, |tls| tls.outgoing());
            if outgoing.is_empty() {
                return Ok(());
            }
            if let Some(taken) = self.push(&outgoing).await?
                && let Some(tls) = &mut self.tls
            {
                tls.left(taken);
            }
        }
    }
}

/// Sends what the kernel takes at once.
fn push_out(socket: &Socket, tls: &mut Session) {
    loop {
        let outgoing = tls.outgoing();
        if outgoing.is_empty() {
            return;
        }
        match socket.try_write(&outgoing) {
            Ok(taken) => tls.left(taken),
            Err(_) => return,
        }
    }
}

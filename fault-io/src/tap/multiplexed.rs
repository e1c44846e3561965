//! The tap of one stream of HTTP/2: what goes through it is its head and its data, and what the kernel takes are the connection's
//! frames. Knows no fault.

use super::{Gap, Left, Observed, Tally, Tap, Watch};
use crate::http2::Stream;

impl Tap {
    /// A tap around a stream, of which the head of what was asked has been read.
    pub(crate) fn of_stream(stream: Stream) -> Self {
        Self {
            socket: None,
            addresses: None,
            inbound: Vec::new(),
            heard: 0,
            left: None,
            drained: None,
            tls: None,
            stream: Some(Box::new(stream)),
            tally: Tally::begin(Watch::default()),
        }
    }

    /// Whether it is that of a stream among others.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether the peer has ended its side of a stream, and all of it has been read; what is none may always be followed by more.
    #[must_use]
    pub fn has_heard_all(&self) -> bool {
        let stream = self.stream.as_ref();
        stream.is_some_and(|stream| stream.has_heard_all())
    }

    /// Waits for more of what is asked over a stream, or for its end.
    pub(super) async fn read_stream(&mut self) -> Result<(), Left> {
        if let Some(stream) = &mut self.stream {
            let bytes = stream.read().await?;
            self.heard += bytes.len();
            self.inbound.extend(bytes);
        }
        Ok(())
    }

    /// Ends a stream that has answered; what is none is not ended.
    pub(crate) async fn end_stream(&mut self) -> Result<(), Left> {
        match &mut self.stream {
            Some(stream) if self.tally.watch.head > 0 => stream.end().await,
            _ => Ok(()),
        }
    }

    /// Resets the stream.
    pub(crate) async fn reset_stream(&mut self, code: u32) -> Result<(), Left> {
        match &mut self.stream {
            Some(stream) => stream.reset(code).await,
            None => Ok(()),
        }
    }

    /// Tells the peer to go away, and ends our side.
    pub(crate) async fn go_away(&mut self, code: u32) -> Result<(), Left> {
        match &mut self.stream {
            Some(stream) => stream.go_away(code).await,
            None => Ok(()),
        }
    }

    /// Ends our side with a FIN, whatever it is called over TLS.
    pub(crate) async fn shut_unnotified(&mut self) -> Result<(), Left> {
        if let Some(stream) = &mut self.stream {
            return stream.shut().await;
        }
        self.shut();
        Ok(())
    }

    pub(super) fn observe_stream(&self, stream: &Stream) -> Observed {
        let mut gaps = self.tally.gaps.clone();
        gaps.push(Gap {
            at: self.tally.sent().len(),
            lasted: self.tally.since(),
        });
        let (wire, frames, look) = stream.seen();
        Observed {
            wire,
            gaps,
            writes: self.tally.writes.clone(),
            heard: self.heard,
            left: self.left().or(look.left),
            kernel: look.kernel,
            drained: look.drained,
            can_reset: look.can_reset,
            farewell: look.farewell,
            frames: Some(frames),
        }
    }
}

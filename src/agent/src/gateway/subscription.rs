//! One reader of one run: the log as a server-sent event stream. Knows frames and time, not events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

use super::event_log::Found;
use super::run::Run;

/// Decides who may listen to a run.
pub trait Audience: Send + Sync {
    /// Whether a reader may listen, after so many others did: any number may, one after the other or at once.
    fn admits(&self, earlier: usize) -> bool {
        let _ = earlier;
        true
    }
}

/// Whoever asks.
#[derive(Debug, Default, Clone, Copy)]
pub struct Everyone;

impl Audience for Everyone {}

/// The response body: every frame from the start, a comment when idle for `keepalive`, a comment at the end.
///
/// It holds the run, so that eviction from the registry never cuts a reader off.
pub(super) fn body(run: Arc<Run>, keepalive: Duration) -> Body {
    let reader = Reader {
        run,
        position: 0,
        keepalive,
        farewell: Some(Bytes::from_static(b": stream closed\n\n")),
    };
    Body::from_stream(stream::unfold(reader, |mut reader| async move {
        let frame = reader.next().await?;
        Some((Ok::<_, Infallible>(frame), reader))
    }))
}

struct Reader {
    run: Arc<Run>,
    position: usize,
    keepalive: Duration,
    farewell: Option<Bytes>,
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        let mut grown = self.run.log.watch();
        loop {
            match self.run.log.find(self.position) {
                Found::Frame(frame) => {
                    self.position += 1;
                    return Some(frame);
                }
                Found::End => return self.farewell.take(),
                Found::Nothing => {}
            }
            tokio::select! {
                biased;
                // The sender lives in the run, which this reader holds, so this cannot fail.
                _ = grown.changed() => {}
                () = tokio::time::sleep(self.keepalive) => {
                    return Some(Bytes::from_static(b": keepalive\n\n"));
                }
            }
        }
    }
}

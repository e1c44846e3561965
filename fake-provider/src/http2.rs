//! A connection that speaks HTTP/2: its requests are answered at once, each over its own stream and by the same exchanges as any.
//! Knows no frame.
//!
//! - `answering`: what is being answered, and what follows once nothing is; `stream`: one request, and the way to answer it

mod answering;
mod stream;

use std::pin::pin;
use std::sync::Arc;

use fault_io::{Http2, Left, PREFACE, Tap};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::connection::Over;
use crate::http::{self, Limits, Seat};
use crate::namespaces::Namespaces;
use answering::Answering;
use stream::Stream;

/// What became of a connection.
pub(crate) struct Served {
    /// How it ended; nothing if the provider shuts down.
    pub(crate) over: Option<Over>,
    /// Whether a request was not answered in full.
    pub(crate) in_flight: bool,
}

/// Whether the peer speaks HTTP/2, as soon as that can be told. No more is read for it than so many bytes at once.
///
/// # Errors
///
/// The peer leaves first.
pub(crate) async fn begins(tap: &mut Tap, limits: &Limits, at_most: usize) -> Result<bool, Left> {
    let told = async {
        while tap.inbound().len() < PREFACE.len() && PREFACE.starts_with(tap.inbound()) {
            let more = at_most.saturating_sub(tap.inbound().len());
            tap.read_at_most(more.max(1)).await?;
        }
        Ok(tap.inbound().starts_with(PREFACE))
    };
    // Whoever takes longer is refused by the one who reads its head.
    timeout(limits.head_within, told).await.unwrap_or(Ok(false))
}

/// Serves a connection until one side ends it, or the provider shuts down.
pub(crate) async fn serve(
    namespaces: &Arc<Namespaces>,
    number: u64,
    (tap, seat): (&mut Tap, &mut Seat),
) -> Served {
    let ending = namespaces.lobby.ending.clone();
    let idle_ending = namespaces.lobby.idle_ending();
    let (begun, mut next) = mpsc::unbounded_channel();
    let mut http2 = Http2::new(tap, http::bounds(seat.limits()));
    // Whoever would receive it is gone only where nothing is answered any more.
    let begin = |asked, tap| drop(begun.send((asked, tap)));
    let mut run = pin!(http2.run(begin));
    let mut answering = Answering::default();
    let over = loop {
        tokio::select! {
            biased;
            () = ending.cancelled() => break None,
            Some((asked, tap)) = next.recv() => {
                seat.leave();
                let stream = Stream {
                    namespaces: Arc::clone(namespaces),
                    number,
                    tap,
                    limits: *seat.limits(),
                    interrupted: answering.interrupted(),
                };
                answering.begin(stream.answer(asked, seat.hold()));
            }
            Some(answered) = answering.next() => {
                if let Some(over) = answering.follow(answered) {
                    break Some(over);
                }
                if answering.is_idle() {
                    seat.wait();
                }
            }
            left = &mut run => break Some(left.err().map_or(Over::FIN, Over::from)),
            () = seat.taken(), if answering.is_idle() => break Some(Over::FIN),
            () = idle_ending.cancelled(), if answering.is_idle() => break Some(Over::FIN),
        }
    };
    answering.finish(over).await
}

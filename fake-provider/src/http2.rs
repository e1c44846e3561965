//! A connection that speaks HTTP/2: its requests are answered at once, each over its own stream and by the same exchanges as any.
//! Knows no frame.

use std::pin::pin;
use std::sync::Arc;

use fault_io::{Asked, Http2, Left, PREFACE, Tap, Until};
use journal::How;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::answer;
use crate::connection::{Over, answer_to};
use crate::dialects;
use crate::exchange::{Exchange, Then};
use crate::http::{Limits, Refused, Request, Why};
use crate::namespaces::Namespaces;
use crate::scripted::Leaves;

/// What became of a connection.
pub(crate) struct Served {
    /// How it ended; nothing if the provider shuts down.
    pub(crate) over: Option<Over>,
    /// Whether a request was not answered in full.
    pub(crate) in_flight: bool,
}

/// How an answer ended the whole connection.
struct Closed {
    how: How,
    whole: bool,
}

/// Whether the peer speaks HTTP/2, as soon as that can be told.
///
/// # Errors
///
/// The peer leaves first.
pub(crate) async fn begins(tap: &mut Tap, limits: &Limits) -> Result<bool, Left> {
    let told = async {
        while tap.inbound().len() < PREFACE.len() && PREFACE.starts_with(tap.inbound()) {
            tap.read().await?;
        }
        Ok(tap.inbound().starts_with(PREFACE))
    };
    // Whoever takes longer is refused by the one who reads its head.
    timeout(limits.head_within, told).await.unwrap_or(Ok(false))
}

/// Serves a connection until one side ends it, or the provider shuts down.
pub(crate) async fn serve(namespaces: &Arc<Namespaces>, number: u64, tap: &mut Tap) -> Served {
    let ending = namespaces.lobby.ending.clone();
    let idle_ending = namespaces.lobby.idle_ending();
    let interrupted = CancellationToken::new();
    let mut answers: JoinSet<Option<Closed>> = JoinSet::new();
    let (begun, mut next) = mpsc::unbounded_channel();
    let mut http2 = Http2::new(tap);
    // Whoever would receive it is gone only where nothing is answered any more.
    let begin = |asked, tap| drop(begun.send((asked, tap)));
    let mut run = pin!(http2.run(begin));
    let mut whole = true;
    let over = loop {
        tokio::select! {
            biased;
            () = ending.cancelled() => break None,
            Some((asked, tap)) = next.recv() => {
                let namespaces = Arc::clone(namespaces);
                let answer = Stream { namespaces, number, tap, interrupted: interrupted.clone() };
                answers.spawn(answer.answer(asked));
            }
            Some(answered) = answers.join_next() => if let Ok(Some(closed)) = answered {
                whole = closed.whole;
                break Some(Over::by_us(closed.how));
            },
            left = &mut run => break Some(left.into()),
            () = idle_ending.cancelled(), if answers.is_empty() => {
                break Some(Over::by_us(How::Fin));
            }
        }
    };
    let in_flight = !whole || !answers.is_empty();
    interrupted.cancel();
    while answers.join_next().await.is_some() {}
    Served { over, in_flight }
}

/// One request, and the way to answer it.
struct Stream {
    namespaces: Arc<Namespaces>,
    number: u64,
    tap: Tap,
    interrupted: CancellationToken,
}

impl Stream {
    /// Answers; how that has ended the connection, if it did.
    async fn answer(mut self, asked: Asked) -> Option<Closed> {
        let request = request(asked);
        let dialect = self.namespaces.dialect();
        let most = dialects::of(dialect, &request).body_most(&request);
        let (desk, mut answer) = match request.body.len() > most {
            true => {
                let desk = self.namespaces.default_desk();
                let why = Why::TooLarge(most);
                let request = Some(request);
                let answer = answer::refused(&desk, &Refused { why, request });
                (desk, answer)
            }
            false => answer_to(&self.namespaces, request, self.number),
        };
        answer.response.http2 = true;
        let exchange = Exchange::new(Arc::clone(&desk), answer);
        let until = tokio::select! {
            biased;
            // Whether the target has left is seen in the tap, together with how much it had got.
            _ = exchange.perform(&mut self.tap) => Until::Done,
            () = self.interrupted.cancelled() => Until::Interrupted,
        };
        match exchange.conclude(&self.tap, until) {
            Then::TargetLeft(_) => None,
            Then::Closed { how, whole } => Some(Closed { how, whole }),
            Then::GoesOn { idle } => match idle?.perform(&desk, &mut self.tap).await {
                Ok(Leaves::Ended(how)) => Some(Closed { how, whole: true }),
                Ok(Leaves::Open) | Err(_) => None,
            },
        }
    }
}

/// What was asked, as any request.
fn request(asked: Asked) -> Request {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let host = (!asked.authority.is_empty()).then_some(("host".to_owned(), asked.authority));
    Request {
        method: asked.method,
        path,
        query,
        headers: host.into_iter().chain(asked.fields).collect(),
        body: asked.body,
        keep_alive: true,
        chunks: true,
    }
}

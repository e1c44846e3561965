//! One request over a stream of HTTP/2, and the way to answer it. Knows no frame, and not the other streams.

use std::sync::Arc;

use fault_io::{Asked, Tap, Until};
use tokio_util::sync::CancellationToken;

use super::answering::{After, Idle};
use crate::answer::{self, Answer};
use crate::connection::answer_to;
use crate::desk::Desk;
use crate::dialects;
use crate::early::Early;
use crate::exchange::{Exchange, Then};
use crate::http::{self, Broken, Held, Limits, Request};
use crate::namespaces::Namespaces;
use crate::scripted::Leaves;

/// A request whose head has come.
pub(super) struct Stream {
    pub(super) namespaces: Arc<Namespaces>,
    /// The number of the connection.
    pub(super) number: u64,
    pub(super) tap: Tap,
    pub(super) limits: Limits,
    /// Cancelled when the connection is over.
    pub(super) interrupted: CancellationToken,
}

impl Stream {
    /// Reads the rest of the request, and answers it.
    pub(super) async fn answer(mut self, asked: Asked, held: Held) -> After {
        let interrupted = self.interrupted.clone();
        let received = tokio::select! {
            biased;
            received = self.receive(asked, held) => received,
            () = interrupted.cancelled() => Err(After::Cut),
        };
        match received {
            Ok((desk, answer)) => self.send(desk, answer).await,
            Err(after) => after,
        }
    }

    /// The answer to the request, once it is whole or refused; what follows where there is none.
    async fn receive(&mut self, asked: Asked, held: Held) -> Result<(Arc<Desk>, Answer), After> {
        let desk = self.namespaces.default_desk();
        match desk.happen_early(Early::Request, &mut self.tap).await {
            Ok(Leaves::Open) => {}
            Ok(Leaves::Ended(how)) => return Err(After::Closed { how, whole: false }),
            Ok(Leaves::Reset) | Err(_) => return Err(After::Cut),
        }
        let dialect = self.namespaces.dialect();
        let body_most = |request: &Request| dialects::of(dialect, request).body_most(request);
        let room = (&self.limits, held);
        match http::receive(&mut self.tap, asked, room, &body_most).await {
            Ok(request) => Ok(answer_to(&self.namespaces, request, self.number)),
            Err(Broken::Refused(refused)) => {
                let answer = answer::refused(&desk, &refused);
                Ok((desk, answer))
            }
            Err(Broken::Left(_) | Broken::Unseated) => Err(After::Cut),
        }
    }

    async fn send(mut self, desk: Arc<Desk>, mut answer: Answer) -> After {
        answer.response.http2 = true;
        let exchange = Exchange::new(Arc::clone(&desk), answer);
        let until = tokio::select! {
            biased;
            // Whether the target has left is seen in the tap, together with how much it had got.
            _ = exchange.perform(&mut self.tap) => Until::Done,
            () = self.interrupted.cancelled() => Until::Interrupted,
        };
        match exchange.conclude(&self.tap, until) {
            _ if until == Until::Interrupted => After::Cut,
            Then::TargetLeft(_) => After::Cut,
            Then::GoesOn { idle: None } => After::GoesOn,
            Then::Closes { .. } => After::Closes,
            Then::Closed { how, whole } => After::Closed { how, whole },
            Then::GoesOn {
                idle: Some(scripted),
            } => After::Idle(Box::new(Idle {
                scripted,
                desk,
                tap: self.tap,
            })),
        }
    }
}

//! One connection of a replay: each request is answered with its recording, byte for byte, and ended as that was.

use std::sync::Arc;

use fault_io::{Left, Socket, Tap, Until};
use journal::{Fact, How, Side, Subject};
use tokio::time::timeout;

use super::answer::Answer;
use super::desk::Desk;
use crate::dialects;
use crate::http::{self, Broken, Request, Seat};
use crate::listening::linger;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over {
    pub(super) by: Side,
    pub(super) how: How,
}

impl Over {
    const BY_US: Self = Self {
        by: Side::Provider,
        how: How::Fin,
    };
}

impl From<Left> for Over {
    fn from(Left(how): Left) -> Self {
        Self {
            by: Side::Target,
            how,
        }
    }
}

/// A connection that is being served.
struct Connection {
    desk: Arc<Desk>,
    tap: Tap,
    seat: Seat,
    number: u64,
    /// The answer that is on its way.
    current: Option<Answer>,
    /// Whether a request was begun that has not got its whole answer.
    in_flight: bool,
}

/// Serves one connection until one side ends it, or the replay is stopped.
pub(super) async fn serve(desk: Arc<Desk>, socket: Socket, seat: Seat) {
    let number = desk.connection_opened();
    desk.record(Subject::CASE, Fact::ConnectionOpened { connection: number });
    let ending = desk.ending.clone();
    let mut connection = Connection {
        desk,
        tap: Tap::new(socket),
        seat,
        number,
        current: None,
        in_flight: false,
    };
    let over = tokio::select! {
        biased;
        () = ending.cancelled() => None,
        over = connection.exchanges() => Some(over),
    };
    connection.close(over);
}

impl Connection {
    /// Exchanges until the connection is over.
    async fn exchanges(&mut self) -> Over {
        if let Err(over) = self.shake_hands().await {
            return over;
        }
        loop {
            if let Err(over) = self.exchange().await {
                return over;
            }
        }
    }

    /// The handshake, where TLS is spoken. It has as much time as the head of a request.
    async fn shake_hands(&mut self) -> Result<(), Over> {
        let Some(authority) = &self.desk.authority else {
            return Ok(());
        };
        // A certificate of our own making is sound; without one there is nothing that could be said.
        self.tap
            .secure(&authority.proper)
            .map_err(|_| Over::BY_US)?;
        self.seat.wait();
        let within = self.seat.limits().head_within;
        let ended = tokio::select! {
            biased;
            shaken = timeout(within, self.tap.shake_hands()) => shaken,
            () = self.seat.taken() => return Err(Over::BY_US),
        };
        Ok(ended.map_err(|_| Over::BY_US)??)
    }

    async fn exchange(&mut self) -> Result<(), Over> {
        self.next_begins().await?;
        self.in_flight = true;
        let body_most = |request: &Request| dialects::of(None, request).body_most(request);
        match http::read(&mut self.tap, &mut self.seat, &body_most).await {
            Ok(request) => {
                let answer = Answer::to(&self.desk, &request, self.number);
                self.send(answer).await
            }
            Err(Broken::Left(left)) => Err(left.into()),
            Err(Broken::Unseated) => Err(Over::BY_US),
            Err(Broken::Refused(refused)) => {
                let over = self.send(Answer::unread(&refused)).await;
                linger(&mut self.tap).await;
                over
            }
        }
    }

    /// Waits for the first byte of a request.
    async fn next_begins(&mut self) -> Result<(), Over> {
        if !self.tap.inbound().is_empty() {
            return Ok(());
        }
        self.seat.wait();
        tokio::select! {
            biased;
            arrived = self.tap.read() => Ok(arrived?),
            () = self.seat.taken() => Err(Over::BY_US),
        }
    }

    /// Sends one answer, and says whether the connection goes on.
    async fn send(&mut self, answer: Answer) -> Result<(), Over> {
        let answer = self.current.insert(answer);
        // Whether the target has left is seen in the tap, together with how much it had got.
        let _ = answer.perform(&self.desk, &mut self.tap).await;
        let Some(answer) = self.current.take() else {
            return Ok(());
        };
        self.in_flight = !answer.conclude(&self.desk, &self.tap, Until::Done);
        match (self.tap.left(), answer.how()) {
            (_, Some(how)) if !answer.target_left(&self.tap) => Err(Over {
                by: Side::Provider,
                how,
            }),
            (Some(how), _) => Err(Left(how).into()),
            (None, _) => Ok(()),
        }
    }

    /// Records the end. Without a reason it is the replay's.
    fn close(mut self, over: Option<Over>) {
        if let Some(answer) = self.current.take() {
            answer.conclude(&self.desk, &self.tap, Until::Interrupted);
        }
        let over = over.unwrap_or(Over::BY_US);
        self.tap.finish();
        let closed = Fact::ConnectionClosed {
            connection: self.number,
            by: over.by,
            how: over.how,
            in_flight: self.in_flight,
        };
        drop(self.tap);
        self.desk.record(Subject::CASE, closed);
    }
}

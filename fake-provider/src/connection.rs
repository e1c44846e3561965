//! One connection, from its opening to its end: requests are read, answers sent, and whoever ends it is recorded.

use std::sync::Arc;
use std::time::Duration;

use fault_io::{Left, Socket, Tap, Until};
use journal::{Fact, How, Side, Subject};
use tokio::time::timeout;

use crate::answer::{self, Answer};
use crate::desk::Desk;
use crate::dialects;
use crate::early::Early;
use crate::exchange::{Exchange, Then};
use crate::handshake;
use crate::http::{self, Broken, Request, Seat};
use crate::http2;
use crate::lobby::Lobby;
use crate::namespaces::Namespaces;
use crate::scripted::Leaves;

/// How long a peer that was refused may go on sending.
const LINGER: Duration = Duration::from_secs(10);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Over {
    pub(crate) by: Side,
    pub(crate) how: How,
}

impl From<Left> for Over {
    fn from(Left(how): Left) -> Self {
        Self {
            by: Side::Target,
            how,
        }
    }
}

impl Over {
    /// In good order, by us.
    pub(crate) const FIN: Self = Self::by_us(How::Fin);

    pub(crate) const fn by_us(how: How) -> Self {
        Self {
            by: Side::Provider,
            how,
        }
    }
}

/// A connection that is being served.
struct Connection {
    namespaces: Arc<Namespaces>,
    tap: Tap,
    number: u64,
    /// The answer that is on its way.
    current: Option<Exchange>,
    /// Whether a request was begun that has not got its whole answer.
    in_flight: bool,
    /// Its place among the connections that wait.
    seat: Seat,
}

/// Serves one connection until one side ends it, or the provider shuts down.
pub(crate) async fn serve(namespaces: Arc<Namespaces>, socket: Socket) {
    let number = namespaces.lobby.connection_opened();
    let opened = Fact::ConnectionOpened { connection: number };
    namespaces.default_desk().record(Subject::CASE, opened);
    let ending = namespaces.lobby.ending.clone();
    let mut connection = Connection {
        tap: Tap::new(socket),
        number,
        current: None,
        in_flight: false,
        seat: namespaces.lobby.reception.seat(),
        namespaces,
    };
    let over = tokio::select! {
        biased;
        () = ending.cancelled() => None,
        over = connection.exchanges() => Some(over),
    };
    let over = match over {
        Some(None) => connection.streams().await,
        over => over.flatten(),
    };
    connection.close(over);
}

/// The answer to a request, and whose it is: it is given in full even where the script changes meanwhile.
pub(crate) fn answer_to(
    namespaces: &Namespaces,
    mut request: Request,
    connection: u64,
) -> (Arc<Desk>, Answer) {
    let answered = namespaces.of(&mut request).map(|desk| {
        let answer = answer::answer(&desk, &request, connection);
        (desk, answer)
    });
    answered.unwrap_or_else(|name| {
        let desk = namespaces.default_desk();
        let answer = answer::nowhere(&desk, &request, &name);
        (desk, answer)
    })
}

impl Connection {
    /// Exchanges until the connection is over; nothing, if the peer speaks HTTP/2.
    async fn exchanges(&mut self) -> Option<Over> {
        if let Some(over) = self.happen_early(Early::Accept).await {
            return Some(over);
        }
        if let Err(over) = self.shake_hands().await {
            return Some(over);
        }
        loop {
            if let Err(over) = self.next_begins().await {
                return Some(over);
            }
            self.in_flight = true;
            match self.begins_http2().await {
                Ok(true) => return None,
                Ok(false) => {}
                Err(over) => return Some(over),
            }
            if let Some(over) = self.happen_early(Early::Request).await {
                return Some(over);
            }
            let dialect = self.namespaces.dialect();
            let body_most = |request: &Request| dialects::of(dialect, request).body_most(request);
            let (desk, answer) = match http::read(&mut self.tap, &mut self.seat, &body_most).await {
                Ok(request) => answer_to(&self.namespaces, request, self.number),
                Err(Broken::Left(left)) => return Some(left.into()),
                Err(Broken::Unseated) => return Some(self.close_idle()),
                Err(Broken::Refused(refused)) => {
                    let desk = self.namespaces.default_desk();
                    let answer = answer::refused(&desk, &refused);
                    let over = self.send(desk, answer).await;
                    self.linger().await;
                    return Some(over.unwrap_or(Over::FIN));
                }
            };
            if let Some(over) = self.send(desk, answer).await {
                return Some(over);
            }
        }
    }

    /// Answers as many requests at once as come, until the connection is over; nothing, if the provider shuts down.
    async fn streams(&mut self) -> Option<Over> {
        self.in_flight = false;
        let connection = (&mut self.tap, &mut self.seat);
        let served = http2::serve(&self.namespaces, self.number, connection).await;
        self.in_flight = served.in_flight;
        if served.over.is_some_and(|over| over.by == Side::Provider) {
            self.tap.finish();
        }
        served.over
    }

    /// Whether the peer speaks HTTP/2, as soon as that can be told.
    async fn begins_http2(&mut self) -> Result<bool, Over> {
        let desk = self.namespaces.default_desk();
        let at_most = desk.bytes_before_a_fault().unwrap_or(usize::MAX);
        tokio::select! {
            biased;
            begins = http2::begins(&mut self.tap, self.seat.limits(), at_most) => {
                begins.map_err(Over::from)
            }
            () = self.seat.taken() => Err(self.close_idle()),
        }
    }

    fn lobby(&self) -> &Lobby {
        &self.namespaces.lobby
    }

    /// What the script wants to happen before a request has been read; how the connection ended, if it did.
    async fn happen_early(&mut self, early: Early) -> Option<Over> {
        let desk = self.namespaces.default_desk();
        let happened = desk.happen_early(early, &mut self.tap).await;
        match happened {
            Ok(Leaves::Ended(how)) => Some(Over::by_us(how)),
            Ok(Leaves::Open | Leaves::Reset) => None,
            Err(left) => Some(left.into()),
        }
    }

    /// The handshake, where TLS is spoken. It has as much time as the head of a request.
    async fn shake_hands(&mut self) -> Result<(), Over> {
        let desk = self.namespaces.default_desk();
        if desk.options.authority.is_none() {
            return Ok(());
        }
        self.next_begins().await?;
        let within = self.seat.limits().head_within;
        let ended = tokio::select! {
            biased;
            shaken = timeout(within, handshake::shake_hands(&desk, &mut self.tap)) => shaken,
            () = self.seat.taken() => return Err(self.close_idle()),
        };
        match ended {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some(how))) => Err(Over::by_us(how)),
            Ok(Err(left)) => Err(left.into()),
            Err(_) => Err(self.close_idle()),
        }
    }

    /// Waits for the first byte of a request. A connection that waits is closed when the listener is.
    async fn next_begins(&mut self) -> Result<(), Over> {
        if !self.tap.inbound().is_empty() {
            return Ok(());
        }
        self.seat.wait();
        let idle_ending = self.lobby().idle_ending();
        let desk = self.namespaces.default_desk();
        let at_most = desk.bytes_before_a_fault().unwrap_or(usize::MAX);
        tokio::select! {
            biased;
            arrived = self.tap.read_at_most(at_most) => arrived.map_err(Over::from),
            () = idle_ending.cancelled() => {
                self.tap.finish();
                Err(Over::FIN)
            }
            () = self.seat.taken() => Err(self.close_idle()),
        }
    }

    /// Closes a connection of which nothing is wanted any more, or that has waited longer than any other while there were too many.
    fn close_idle(&mut self) -> Over {
        self.tap.finish();
        Over::FIN
    }

    /// Lets a peer that is still sending read why it was refused: closed with its bytes unread, the connection would be reset, and the
    /// peer's kernel would throw the answer away.
    async fn linger(&mut self) {
        let gone = async {
            while self.tap.read().await.is_ok() {
                let unread = self.tap.inbound().len();
                self.tap.take(unread);
            }
        };
        // Whoever sends for longer is reset.
        let _ = timeout(LINGER, gone).await;
    }

    /// Sends one answer; how the connection ended, if it did.
    async fn send(&mut self, desk: Arc<Desk>, answer: Answer) -> Option<Over> {
        let exchange = Exchange::new(Arc::clone(&desk), answer);
        let exchange = self.current.insert(exchange);
        // Whether the target has left is seen in the tap, together with how much it had got.
        let _ = exchange.perform(&mut self.tap).await;
        let exchange = self.current.take()?;
        match exchange.conclude(&self.tap, Until::Done) {
            Then::TargetLeft(how) => Some(Left(how).into()),
            Then::Closed { how, whole } => {
                self.in_flight = !whole;
                self.tap.finish();
                Some(Over::by_us(how))
            }
            Then::Closes { whole } => {
                self.in_flight = !whole;
                Some(self.close_idle())
            }
            Then::GoesOn { idle } => {
                self.in_flight = false;
                // What happens to an idle connection happens once the target's kernel has taken the whole answer.
                let idle = idle?;
                self.tap.drain().await;
                match idle.perform(&desk, &mut self.tap).await {
                    Ok(Leaves::Open | Leaves::Reset) => None,
                    Ok(Leaves::Ended(how)) => Some(Over::by_us(how)),
                    Err(left) => Some(left.into()),
                }
            }
        }
    }

    /// Records the end. Without a reason it is the provider's shutdown.
    fn close(mut self, over: Option<Over>) {
        if let Some(exchange) = self.current.take() {
            exchange.conclude(&self.tap, Until::Interrupted);
        }
        let over = over.unwrap_or_else(|| {
            self.tap.finish();
            Over::FIN
        });
        let closed = Fact::ConnectionClosed {
            connection: self.number,
            by: over.by,
            how: over.how,
            in_flight: self.in_flight,
        };
        drop(self.tap);
        self.namespaces.lobby.connection_closed();
        let desk = self.namespaces.default_desk();
        desk.record(Subject::CASE, closed);
    }
}

//! One client's connection and the one to the real provider that goes with it: what comes is passed on as it comes, ended as it
//! was ended, and handed over to be stored.

use std::future::pending;
use std::sync::Arc;

use fault_io::{Contract, Left, Socket, Tap, Watch, perform};

use super::desk::Desk;
use super::exchange::Ending;
use super::forwarded::forwarded;
use super::taken::Taken;
use super::upstream::{Connection, Heard};
use crate::declined::Declined;
use crate::dialects;
use crate::http::{self, Broken, Request, Seat};
use crate::listening::linger;

/// A client's connection.
struct Relay {
    desk: Arc<Desk>,
    tap: Tap,
    seat: Seat,
    /// The connection to the real provider, from the first request on.
    upstream: Option<Connection>,
    /// The exchange that is under way.
    current: Option<Taken>,
}

/// The connection is over.
#[derive(Debug)]
struct Over;

impl From<Left> for Over {
    fn from(_: Left) -> Self {
        Self
    }
}

/// Serves one connection until one side ends it, or the recorder is stopped.
pub(super) async fn serve(desk: Arc<Desk>, socket: Socket, seat: Seat) {
    let ending = desk.ending.clone();
    let mut relay = Relay {
        desk,
        tap: Tap::new(socket),
        seat,
        upstream: None,
        current: None,
    };
    tokio::select! {
        biased;
        () = ending.cancelled() => {}
        () = relay.exchanges() => {}
    }
    // What is still under way was cut short from here.
    relay.store(Ending::Stopped).await;
    relay.tap.finish();
}

impl Relay {
    async fn exchanges(&mut self) {
        while self.exchange().await.is_ok() {}
    }

    async fn exchange(&mut self) -> Result<(), Over> {
        self.next_begins().await?;
        let body_most = |request: &Request| dialects::of(None, request).body_most(request);
        let request = match http::read(&mut self.tap, &mut self.seat, &body_most).await {
            Ok(request) => request,
            Err(Broken::Left(_) | Broken::Unseated) => return Err(Over),
            Err(Broken::Refused(refused)) => return self.decline(Declined::unread(&refused)).await,
        };
        self.connect(&request).await?;
        self.ask(&request).await?;
        let ending = self.answer().await;
        self.store(ending.clone()).await;
        self.end_as(&ending).await
    }

    /// Waits for the first byte of a request, and passes on what the provider does meanwhile.
    async fn next_begins(&mut self) -> Result<(), Over> {
        if self.tap.inbound().is_empty() {
            self.seat.wait();
        }
        while self.tap.inbound().is_empty() {
            let heard = async {
                match &mut self.upstream {
                    Some(upstream) => upstream.hear().await,
                    None => pending().await,
                }
            };
            let heard = tokio::select! {
                biased;
                arrived = self.tap.read() => return Ok(arrived?),
                () = self.seat.taken() => return Err(Over),
                heard = heard => heard,
            };
            match heard {
                // Nobody asked for it, and it belongs to no exchange.
                Heard::Bytes(bytes) => self.pass_on(&bytes).await?,
                Heard::End(ending) => self.end_as(&ending).await?,
            }
        }
        Ok(())
    }

    async fn connect(&mut self, request: &Request) -> Result<(), Over> {
        if self.upstream.is_some() {
            return Ok(());
        }
        let opened = tokio::select! {
            biased;
            left = self.tap.silence(None) => return Ok(left?),
            opened = Connection::open(&self.desk.upstream, self.desk.tls.as_ref()) => opened,
        };
        match opened {
            Ok(upstream) => {
                self.upstream = Some(upstream);
                Ok(())
            }
            Err(unreachable) => {
                let message = unreachable.to_string();
                self.desk
                    .not_stored(&request.method, &request.path, &message);
                self.decline(Declined::because(request, 502, message)).await
            }
        }
    }

    async fn ask(&mut self, request: &Request) -> Result<(), Over> {
        let bytes = forwarded(request, &self.desk.upstream);
        let taken = Taken::new(self.desk.folder.next_number(), request);
        self.desk.learn(taken.secrets());
        let taken = self.current.insert(taken);
        let Some(upstream) = &mut self.upstream else {
            return Err(Over);
        };
        let sent = tokio::select! {
            biased;
            left = self.tap.silence(None) => Err(left),
            // A provider that refuses to read the rest of a request may have said why: its answer is read in any case.
            _sent_or_refused = upstream.send(&bytes) => Ok(()),
        };
        taken.request_has_left();
        if sent.is_err() {
            self.store(Ending::ClientLeft).await;
            return Err(Over);
        }
        Ok(())
    }

    /// Passes the answer on; how it ended.
    async fn answer(&mut self) -> Ending {
        loop {
            let (Some(upstream), Some(taken)) = (&mut self.upstream, &mut self.current) else {
                return Ending::ClientLeft;
            };
            if taken.is_over() {
                return Ending::Open;
            }
            let heard = tokio::select! {
                biased;
                _left = self.tap.silence(None) => return Ending::ClientLeft,
                heard = upstream.hear() => heard,
            };
            let bytes = match heard {
                Heard::End(ending) => return ending,
                Heard::Bytes(bytes) => bytes,
            };
            taken.take(&bytes);
            if self.pass_on(&bytes).await.is_err() {
                return Ending::ClientLeft;
            }
        }
    }

    async fn pass_on(&mut self, bytes: &[u8]) -> Result<(), Left> {
        // Nothing is judged here, so what left before need not be remembered.
        self.tap.begin(Watch::default());
        self.tap.send(bytes).await
    }

    /// Ends the client's connection as the provider ended its own; without TLS there is nothing but FIN and RST.
    async fn end_as(&mut self, ending: &Ending) -> Result<(), Over> {
        match ending {
            Ending::Open => return Ok(()),
            Ending::Reset => self.tap.reset().await,
            Ending::Fin | Ending::TlsTruncated | Ending::TlsAlert(_) => self.tap.finish(),
            Ending::ClientLeft | Ending::Stopped => {}
        }
        Err(Over)
    }

    async fn store(&mut self, ending: Ending) {
        if let Some(taken) = self.current.take() {
            self.desk.store(taken, ending).await;
        }
    }

    /// An error of ours, after which the connection ends.
    async fn decline(&mut self, mut declined: Declined) -> Result<(), Over> {
        declined.response.closes = true;
        let contract = Contract::plain(&declined.response);
        self.tap.begin(Watch::default());
        // Whoever has left needs no explanation.
        let _ = perform(&mut self.tap, &contract).await;
        linger(&mut self.tap).await;
        Err(Over)
    }
}

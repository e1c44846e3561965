//! The order for a client, and the card that every client carries: its identity, and what the log is told of its life.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bench::Bench;
use super::transport::{Incoming, Outgoing, SendError, Transport, TransportPlan};
use crate::lifecycle::{ClientRole, LifecycleFact};

/// Who closed a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closer {
    /// Whoever it was made for.
    Owner,
    /// The agent's shutdown.
    Shutdown,
    /// The client that took its place.
    Replacement,
}

impl Closer {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Shutdown => "shutdown",
            Self::Replacement => "replacement",
        }
    }
}

/// What a client is to be. Made where it is ordered, so that the configuration's state before the making is known.
pub struct ClientOrder {
    bench: Arc<Bench>,
    plan: TransportPlan,
    role: ClientRole,
    replaces: Option<String>,
    config_before: String,
}

impl ClientOrder {
    /// An order for a client on `bench`.
    #[must_use]
    pub fn new(
        bench: Arc<Bench>,
        plan: TransportPlan,
        role: ClientRole,
        replaces: Option<String>,
    ) -> Self {
        let config_before = bench.config().digest();
        Self {
            bench,
            plan,
            role,
            replaces,
            config_before,
        }
    }

    /// Where it is made.
    #[must_use]
    pub fn bench(&self) -> &Arc<Bench> {
        &self.bench
    }

    /// How it reaches the provider.
    #[must_use]
    pub fn plan(&self) -> &TransportPlan {
        &self.plan
    }

    /// The card of the client that this order made, over the transport that it uses. The log is told.
    #[must_use]
    pub fn card(&self, transport: &Transport) -> ClientCard {
        let client = self.bench.next_client();
        self.bench.log().fact(LifecycleFact::ClientBuilt {
            client: client.clone(),
            role: self.role,
            runtime: self.bench.runtime().name().to_owned(),
            transport: transport.id().to_owned(),
            replaces: self.replaces.clone(),
            config_before: self.config_before.clone(),
            config_after: self.bench.config().digest(),
        });
        ClientCard {
            client,
            bench: Arc::clone(&self.bench),
            closed: AtomicBool::new(false),
        }
    }
}

/// A client's identity. Dropping it without having closed it is told to the log, from wherever that happens: the log
/// neither spawns nor waits.
pub struct ClientCard {
    client: String,
    bench: Arc<Bench>,
    closed: AtomicBool,
}

impl ClientCard {
    /// The client's id.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Says that the client is closed. `true` the first time; only then is the log told.
    pub fn close(&self, by: Closer) -> bool {
        let first = !self.closed.swap(true, Ordering::SeqCst);
        if first {
            let fact = LifecycleFact::ClientClosed {
                client: self.client.clone(),
                by: by.as_str().to_owned(),
            };
            self.bench.log().fact(fact);
        }
        first
    }

    /// Whether the client was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Sends over `transport` in this client's name. The log is told when the transport is closed already.
    ///
    /// # Errors
    /// The transport is closed, or it failed.
    pub async fn send(
        &self,
        transport: &Transport,
        request: Outgoing,
    ) -> Result<Incoming, SendError> {
        if transport.is_closed() {
            self.bench.log().fact(LifecycleFact::SendOnClosedClient {
                client: self.client.clone(),
            });
            return Err(SendError::Closed);
        }
        transport.send(request).await
    }
}

impl Drop for ClientCard {
    fn drop(&mut self) {
        if !self.is_closed() {
            self.bench.log().fact(LifecycleFact::ClientDropped {
                client: self.client.clone(),
                runtime_alive: self.bench.runtime().is_alive(),
            });
        }
    }
}

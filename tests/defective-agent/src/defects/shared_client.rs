//! Seed one: the client of a call is made over the primary's transport, noted in the shared configuration, and closed.
//!
//! As in hermes-agent#11249.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::config::{AgentConfig, Timeouts};
use reference_agent::failure::Failure;
use reference_agent::registry::{
    CallClient, ClientCard, ClientOrder, Closer, Incoming, Outgoing, PrimaryClient, SendError,
    Transport,
};
use reference_agent::seams::{ClientFactory, ConfigSource, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "shared-client",
    sentence: "The client of a call is a copy of the primary: it shares its transport, writes its settings back, and closes both.",
    replaces: &["client_factory", "config_source"],
    stage: Stage::Gateway,
    meant: &[
        Meant {
            rule: "primary-survives-request-close",
            mistake: |fact| {
                matches!(
                    fact,
                    Fact::ClientBuilt { .. } | Fact::SendOnClosedClient { .. }
                )
            },
        },
        Meant {
            rule: "config-never-changed",
            mistake: |fact| matches!(fact, Fact::ClientBuilt { .. }),
        },
    ],
    also: &["error-names-cause"],
    shown_by: &[
        "clients/second-turn-on-the-same-agent",
        "clients/tool-round-then-second-turn",
    ],
    seams,
};

fn seams() -> Seams {
    let shared = Arc::new(Shared::default());
    Seams {
        client_factory: shared.clone(),
        config_source: shared,
        ..Seams::default()
    }
}

/// What every client is made from, and leaves its traces in.
#[derive(Default)]
struct Shared {
    transport: Mutex<Option<Arc<Transport>>>,
    config: Mutex<Option<Arc<AgentConfig>>>,
}

impl ConfigSource for Shared {
    fn current(&self, started_with: &Arc<AgentConfig>) -> Arc<AgentConfig> {
        let changed = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(changed.as_ref().unwrap_or(started_with))
    }
}

impl ClientFactory for Shared {
    fn primary(&self, order: &ClientOrder) -> Result<Arc<dyn PrimaryClient>, Failure> {
        let transport = Arc::new(Transport::open(order.bench(), order.plan())?);
        let mut shared = self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *shared = Some(Arc::clone(&transport));
        Ok(Arc::new(Sharing::new(order, transport)))
    }

    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let config = order.bench().config();
        let changed = AgentConfig {
            timeouts: Timeouts {
                connect: Duration::from_secs(1),
                ..config.timeouts.clone()
            },
            ..(*config).clone()
        };
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(changed));
        let shared = self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transport = shared.clone().expect("the primary is made first");
        Ok(Arc::new(Sharing::new(order, transport)))
    }
}

/// A client over a transport that is not its own.
struct Sharing {
    card: ClientCard,
    transport: Arc<Transport>,
}

impl Sharing {
    fn new(order: &ClientOrder, transport: Arc<Transport>) -> Self {
        Self {
            card: order.card(&transport),
            transport,
        }
    }

    fn close_both(&self, by: Closer) {
        self.transport.close();
        self.card.close(by);
    }
}

impl CallClient for Sharing {
    fn card(&self) -> &ClientCard {
        &self.card
    }

    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.card.send(&self.transport, request))
    }

    fn close(&self, by: Closer) {
        self.close_both(by);
    }
}

impl PrimaryClient for Sharing {
    fn card(&self) -> &ClientCard {
        &self.card
    }

    fn is_closed(&self) -> bool {
        self.transport.is_closed()
    }

    fn models(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.card.send(&self.transport, request))
    }

    fn close(&self, by: Closer) {
        self.close_both(by);
    }
}

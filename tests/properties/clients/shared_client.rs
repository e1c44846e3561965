//! The mistake: a request client is made from the primary, shares its transport, and is written back into the configuration.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use reference_agent::config::{AgentConfig, Secret};
use reference_agent::failure::Failure;
use reference_agent::registry::{
    CallClient, ClientCard, ClientOrder, Closer, Incoming, Outgoing, PrimaryClient, SendError,
    Transport,
};
use reference_agent::seams::{ClientFactory, ConfigSource, Seams};
use reqwest::Method;

/// The habits of an agent with this mistake.
pub(crate) fn seams() -> Seams {
    let written_back = Arc::new(WrittenBack::default());
    Seams {
        client_factory: Arc::new(Sharing {
            transport: Mutex::default(),
            written_back: Arc::clone(&written_back),
        }),
        config_source: written_back,
        ..Seams::default()
    }
}

#[derive(Default)]
struct WrittenBack(Mutex<Option<Arc<AgentConfig>>>);

impl ConfigSource for WrittenBack {
    fn current(&self, started_with: &Arc<AgentConfig>) -> Arc<AgentConfig> {
        let changed = self.0.lock().unwrap().clone();
        changed.unwrap_or_else(|| Arc::clone(started_with))
    }
}

struct Sharing {
    transport: Mutex<Option<Arc<Transport>>>,
    written_back: Arc<WrittenBack>,
}

impl ClientFactory for Sharing {
    fn primary(&self, order: &ClientOrder) -> Result<Arc<dyn PrimaryClient>, Failure> {
        let transport = Arc::new(Transport::open(order.bench(), order.plan())?);
        *self.transport.lock().unwrap() = Some(Arc::clone(&transport));
        Ok(Arc::new(Shared {
            card: order.card(&transport),
            transport,
        }))
    }

    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let changed = AgentConfig {
            model: "of one request".to_owned(),
            ..(*order.bench().config()).clone()
        };
        *self.written_back.0.lock().unwrap() = Some(Arc::new(changed));
        let transport = self.transport.lock().unwrap().clone().unwrap();
        Ok(Arc::new(Shared {
            card: order.card(&transport),
            transport,
        }))
    }
}

struct Shared {
    card: ClientCard,
    transport: Arc<Transport>,
}

impl Shared {
    fn close(&self, by: Closer) {
        self.transport.close();
        self.card.close(by);
    }
}

impl CallClient for Shared {
    fn card(&self) -> &ClientCard {
        &self.card
    }

    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.card.send(&self.transport, request))
    }

    fn close(&self, by: Closer) {
        Self::close(self, by);
    }
}

impl PrimaryClient for Shared {
    fn card(&self) -> &ClientCard {
        &self.card
    }

    fn is_closed(&self) -> bool {
        self.transport.is_closed()
    }

    fn models(
        &self,
        base_url: &str,
        credential: &Secret,
    ) -> BoxFuture<'_, Result<Incoming, SendError>> {
        let request = Outgoing {
            method: Method::GET,
            url: format!("{base_url}/models"),
            credential: credential.clone(),
            accept: "application/json",
            purpose: "models",
            body: None,
        };
        Box::pin(self.card.send(&self.transport, request))
    }

    fn close(&self, by: Closer) {
        Self::close(self, by);
    }
}
